//! Reading hands. A [`Reader`] lists and gets what a row of the catalogue asks for in one workspace; it knows no delete.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::call::{Answer, Call, Verb, host_of};
use super::discovery::Hosts;
use super::page::{Position, take_apart};
use super::secret::Secret;
use super::{Fault, Wire};
use crate::kinds::item::{Params, fill, fill_json};
use crate::kinds::{Ask, Base, Paging, Route};
use crate::report::Event;

pub use crate::kinds::item::escape;

/// A place in a list: which generation of the list, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    pub generation: u8,
    pub position: Position,
}

/// A page: the items as they arrived, where the list goes on, and which address gave them.
#[derive(Debug)]
pub struct Page {
    pub items: Vec<Box<RawValue>>,
    pub next: Option<Place>,
    /// Which form of the request answered.
    pub generation: u8,
    /// Path and template query of the request, without host, tokens and links.
    pub source: String,
}

/// Reads one workspace.
pub struct Reader {
    pub wire: Arc<Wire>,
    /// The workspace's name, for events and gaps.
    pub workspace: String,
    /// Its path below ARM and below every prefix of the data plane.
    path: String,
    hosts: Hosts,
    /// By list of the catalogue, so that it does not depend on which kind of a service was asked first.
    generations: Mutex<HashMap<usize, u8>>,
    /// Cleared when the service does not know the call that gives many links at once.
    batches: std::sync::atomic::AtomicBool,
}

impl Reader {
    /// For a workspace at this ARM path.
    pub fn new(wire: Arc<Wire>, workspace: String, path: String, hosts: Hosts) -> Self {
        Self {
            wire,
            workspace,
            path,
            hosts,
            generations: Mutex::default(),
            batches: true.into(),
        }
    }

    /// The path of the workspace below ARM.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A page of a list: at the start the newest generation first, later the one that gave the first page.
    pub async fn list(
        &self,
        routes: &'static [Route],
        params: &Params,
        place: Option<&Place>,
    ) -> Result<Page, Fault> {
        if let Some(place) = place {
            let route = routes
                .iter()
                .find(|route| route.generation == place.generation)
                .or(routes.first());
            return match route {
                Some(route) => self.page(route, params, &place.position).await,
                None => Err(unasked()),
            };
        }
        let mut last = None;
        for route in self.in_order(routes) {
            match self.page(route, params, &Position::Start).await {
                Ok(page) => {
                    // An empty list in the older form proves nothing about the others of its kind.
                    if !page.items.is_empty() || route.generation > 1 {
                        self.remember(routes, route);
                    }
                    return Ok(page);
                }
                Err(fault) if fault.is_absent() => last = Some(last.unwrap_or(fault)),
                Err(fault) => return Err(fault),
            }
        }
        Err(last.unwrap_or_else(unasked))
    }

    /// One document; `Err(Absent)` when no generation has it.
    pub async fn one(
        &self,
        routes: &'static [Route],
        params: &Params,
    ) -> Result<(Box<RawValue>, String), Fault> {
        let page = self.list(routes, params, None).await?;
        let source = page.source;
        page.items
            .into_iter()
            .next()
            .map(|doc| (doc, source))
            .ok_or_else(unasked)
    }

    /// The remembered generation first, then the others, newest first.
    fn in_order(&self, routes: &'static [Route]) -> Vec<&'static Route> {
        let mut order: Vec<_> = routes.iter().collect();
        let remembered = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(routes.as_ptr() as usize))
            .copied();
        order.sort_by_key(|route| remembered != Some(route.generation));
        order
    }

    fn remember(&self, routes: &[Route], route: &Route) {
        if routes.len() < 2 {
            return;
        }
        let service = route.base.spec().service;
        let before = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(routes.as_ptr() as usize, route.generation);
        if before != Some(route.generation) {
            self.wire.reporter.report(&Event::Generation {
                service: service.name(),
                workspace: self.workspace.clone(),
                generation: route.generation,
            });
        }
    }

    /// Asks for one page.
    async fn page(
        &self,
        route: &Route,
        params: &Params,
        position: &Position,
    ) -> Result<Page, Fault> {
        let (call, source) = self.call(route, params, position)?;
        let (host, path) = call.place();
        let answer = self.wire.send(call).await?;
        let parts = take_apart(&answer.body, route.paging, route.items).map_err(|what| {
            Fault::Malformed {
                host,
                path,
                what,
                request_id: answer.request_id.clone(),
            }
        })?;
        let next = parts.next.map(|position| Place {
            generation: route.generation,
            position,
        });
        Ok(Page {
            items: parts.items,
            next,
            generation: route.generation,
            source,
        })
    }

    /// The request for a page, and its source line.
    fn call(
        &self,
        route: &Route,
        params: &Params,
        position: &Position,
    ) -> Result<(Call, String), Fault> {
        let base = self.base(route.base)?;
        let filled = fill(route.ask.path(), params, None, |value| {
            if value == "." || value == ".." {
                String::new()
            } else {
                escape(value)
            }
        });
        let Some(filled) =
            filled.filter(|path| !path.split('?').next().unwrap_or_default().contains("//"))
        else {
            return Err(Fault::Malformed {
                host: host_of(&base),
                path: route.ask.path().to_owned(),
                what: "a name in it is missing, or is one that no address can hold".to_owned(),
                request_id: None,
            });
        };
        let (path, asked) = filled.split_once('?').unwrap_or((&filled, ""));
        let query = [route.base.spec().query.unwrap_or_default(), asked]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("&");
        let mut url = base;
        url.set_path(&format!("{}{}{path}", route.base.spec().prefix, self.path));
        url.set_query((!query.is_empty()).then_some(&query));
        let source = format!(
            "{}{}",
            url.path(),
            url.query()
                .map(|query| format!("?{query}"))
                .unwrap_or_default()
        );
        let (mut verb, mut body) = match route.ask {
            Ask::Get(_) => (Verb::Get, None),
            Ask::Query(_, body) => (Verb::Query, fill_json(body, params)),
        };
        let mut headers = Vec::new();
        if route.paging == Paging::Batch {
            // Verified for one list only; it bounds an answer that would otherwise be cut at a number nobody knows.
            headers.push(("batchsize", "1000".to_owned()));
        }
        match position {
            Position::Start | Position::Pages(_) => {}
            Position::Link(link) => {
                let next = url.join(link).map_err(|_| Fault::Malformed {
                    host: host_of(&url),
                    path: url.path().to_owned(),
                    what: "its nextLink is not an address".to_owned(),
                    request_id: None,
                })?;
                if next.origin() != url.origin() {
                    return Err(Fault::Foreign {
                        host: host_of(&next),
                        path: format!("the nextLink of {}", url.path()),
                    });
                }
                url = next;
                // A link is an address to be got, whatever was asked first: so Microsoft's clients follow it.
                (verb, body) = (Verb::Get, None);
            }
            Position::Token(token) => match route.paging {
                Paging::BodyToken => body = body.map(|body| with_token(&body, token)),
                Paging::Batch => headers.push(("continuationtoken", token.clone())),
                Paging::QueryToken(name) => add_query(&mut url, name, token),
                _ => add_query(&mut url, "continuationToken", token),
            },
        }
        Ok((
            Call {
                verb,
                body: body.map(Bytes::from),
                headers,
                ..Call::get(url)
            },
            source,
        ))
    }

    /// The address of a base: ARM, or what discovery says.
    fn base(&self, base: Base) -> Result<Url, Fault> {
        base_of(&self.wire, &self.hosts, base)
    }

    /// Links to the bytes of artifacts of one container, by path. What has no link is missing from the answer.
    pub async fn links(
        &self,
        origin: &str,
        container: &str,
        paths: &[String],
    ) -> Result<BTreeMap<String, Secret>, Fault> {
        use std::sync::atomic::Ordering::Relaxed;
        if paths.len() > 1 && self.batches.load(Relaxed) {
            match self.batch(origin, container, paths).await {
                Ok(links) => return Ok(links),
                // 400 is what a service says to a body that it does not know.
                Err(fault) if fault.is_absent() || fault.status() == Some(400) => {
                    self.batches.store(false, Relaxed);
                }
                Err(fault) => return Err(fault),
            }
        }
        let mut links = BTreeMap::new();
        for path in paths {
            match self.link(origin, container, path).await {
                Ok(link) => {
                    links.insert(path.clone(), link);
                }
                Err(fault) if fault.is_absent() => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(links)
    }

    /// The link to one artifact's bytes.
    pub async fn link(&self, origin: &str, container: &str, path: &str) -> Result<Secret, Fault> {
        let mut url = self.artifact_url(&[origin, container, "contentinfo"])?;
        url.set_query(Some(&format!("path={}", escape(path))));
        let answer = self.wire.send(Call::get(url)).await?;
        let doc = parse(&answer)?;
        link_in(&doc).ok_or_else(|| no_link(&answer))
    }

    async fn batch(
        &self,
        origin: &str,
        container: &str,
        paths: &[String],
    ) -> Result<BTreeMap<String, Secret>, Fault> {
        let url = self.artifact_url(&[origin, container, "batch", "metadata"])?;
        let body = serde_json::json!({ "paths": paths.iter().map(|path| serde_json::json!({ "path": path })).collect::<Vec<_>>() });
        let call = Call {
            verb: Verb::Query,
            body: Some(Bytes::from(body.to_string())),
            ..Call::get(url)
        };
        let answer = self.wire.send(call).await?;
        let doc = parse(&answer)?;
        Ok(crate::kinds::item::at(&doc, "artifactContentInformation/*")
            .into_iter()
            .filter_map(|info| Some((crate::kinds::item::first(info, "path")?, link_in(info)?)))
            .collect())
    }

    fn artifact_url(&self, segments: &[&str]) -> Result<Url, Fault> {
        let mut url = self.base(Base::Artifact2)?;
        let tail: String = segments
            .iter()
            .map(|segment| format!("/{}", escape(segment)))
            .collect();
        url.set_path(&format!(
            "{}{}/artifacts{tail}",
            Base::Artifact2.spec().prefix,
            self.path
        ));
        Ok(url)
    }
}

/// The host of a base: the resource manager, or what discovery names.
pub(super) fn base_of(wire: &Wire, hosts: &Hosts, base: Base) -> Result<Url, Fault> {
    let spec = base.spec();
    if spec.keys.is_empty() {
        return Ok(wire.cloud.arm.clone());
    }
    if let Some(url) = spec.keys.iter().find_map(|key| hosts.bases.get(*key)) {
        return Ok(url.clone());
    }
    let service = format!("service {}", spec.service.name());
    match spec.keys.iter().find_map(|key| hosts.refused.get(*key)) {
        Some(host) => Err(Fault::Foreign {
            host: host.clone(),
            path: format!("the {service}"),
        }),
        None => Err(Fault::Absent {
            host: "service discovery".to_owned(),
            path: service,
            status: 404,
            code: None,
            message: "discovery names no host for it".to_owned(),
            request_id: None,
        }),
    }
}

/// A kind without such a request.
fn unasked() -> Fault {
    Fault::Absent {
        host: "the catalogue".to_owned(),
        path: "this kind".to_owned(),
        status: 404,
        code: None,
        message: "there is no request for it".to_owned(),
        request_id: None,
    }
}

fn malformed(answer: &Answer, what: String) -> Fault {
    Fault::Malformed {
        host: "the artifact service".to_owned(),
        path: "contentinfo".to_owned(),
        what,
        request_id: answer.request_id.clone(),
    }
}

fn parse(answer: &Answer) -> Result<Value, Fault> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| malformed(answer, format!("not JSON ({error})")))
}

fn no_link(answer: &Answer) -> Fault {
    malformed(answer, "there is no contentUri in it".to_owned())
}

fn link_in(doc: &Value) -> Option<Secret> {
    crate::kinds::item::first(doc, "contentUri").map(Secret::new)
}

/// Puts the token into a JSON body; a body that is no object becomes one.
pub(super) fn with_token(body: &str, token: &str) -> String {
    let mut doc: serde_json::Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    doc.insert("continuationToken".to_owned(), Value::from(token));
    Value::Object(doc).to_string()
}

/// Adds a parameter to the query, escaped.
pub(super) fn add_query(url: &mut Url, name: &str, value: &str) {
    let before = url
        .query()
        .map(|query| format!("{query}&"))
        .unwrap_or_default();
    url.set_query(Some(&format!("{before}{name}={}", escape(value))));
}
