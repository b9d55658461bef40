//! The emulator, and the hands that work on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::emulator::{Emulator, Options, start};
use crate::kinds::removal::{Act, Look, Remove, address, filled};
use crate::kinds::{Ask, find};
use crate::report::Nobody;
use crate::wire::access::{AccessError, Token, Tokens};
use crate::wire::cloud::Cloud;
use crate::wire::discovery::{Hosts, discover};
use crate::wire::erase::{Deed, Done, Eraser, Poll, Unsafe};
use crate::wire::look::{Looker, Sight};
use crate::wire::secret::Secret;
use crate::wire::{Change, Settings, Wire};

struct Always;

#[async_trait::async_trait]
impl Tokens for Always {
    async fn token(&self, _scope: &str, _force: bool) -> Result<Arc<Token>, AccessError> {
        Ok(Arc::new(Token {
            secret: Secret::new("token".to_owned()),
            expires_on: Some(OffsetDateTime::now_utc() + time::Duration::hours(1)),
        }))
    }

    fn served_by(&self) -> Option<String> {
        None
    }
}

/// One item that an inventory knows.
#[derive(Debug, Clone)]
pub(in crate::wire) struct Thing {
    pub(in crate::wire) kind: &'static str,
    pub(in crate::wire) id: String,
    pub(in crate::wire) parent: Option<String>,
    pub(in crate::wire) doc: Value,
}

impl Thing {
    fn remove(&self) -> &'static Remove {
        &find(self.kind).expect("a row").remove[0]
    }

    fn fill(&self, template: &str) -> String {
        filled(template, &self.id, self.parent.as_deref(), &self.doc).expect("filled")
    }
}

/// An emulator with a wire, and what its discovery said.
pub(in crate::wire) struct Stage {
    pub(in crate::wire) emulator: Emulator,
    pub(in crate::wire) wire: Arc<Wire>,
    pub(in crate::wire) hosts: Hosts,
    /// The workspace's own path.
    pub(in crate::wire) path: String,
    client: reqwest::Client,
}

impl Stage {
    pub(in crate::wire) async fn new() -> Self {
        let emulator = start(Options::default()).await.expect("loopback");
        let path = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
            emulator.subscription(),
            emulator.resource_group(),
            emulator.workspace()
        );
        let wire = Wire::new(
            Cloud::at_arm_endpoint(&emulator.arm_endpoint()).expect("loopback"),
            Arc::new(Always),
            Arc::new(Nobody),
            CancellationToken::new(),
            Settings {
                tries: 2,
                backoff: Duration::from_millis(1),
                ..Settings::default()
            },
        );
        let wire = Arc::new(wire.expect("a wire"));
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let mut stage = Self {
            emulator,
            wire,
            hosts: Hosts::default(),
            path,
            client,
        };
        let own = stage
            .json(&format!("{}?api-version=2023-10-01", stage.path))
            .await;
        let discovery = own["properties"]["discoveryUrl"]
            .as_str()
            .expect("an address");
        let discovery = Url::parse(discovery).expect("an address");
        stage.hosts = discover(&stage.wire, &discovery).await.expect("hosts");
        stage
            .control(
                "settings",
                json!({"operation_ms": 30, "retry_after_seconds": 0}),
            )
            .await;
        stage
    }

    pub(in crate::wire) async fn control(&self, what: &str, body: Value) {
        let url = format!("{}/_emulator/{what}", self.emulator.arm_endpoint());
        let answer = self
            .client
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{what}");
    }

    async fn text(&self, path: &str) -> String {
        let url = format!("{}{path}", self.emulator.arm_endpoint());
        let answer = self.client.get(url).bearer_auth("token").send().await;
        answer.expect("an answer").text().await.expect("text")
    }

    pub(in crate::wire) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).expect("json")
    }

    /// Every request that changes something, as the emulator saw it: verb, path with query, status.
    pub(in crate::wire) async fn changes(&self) -> Vec<(String, String, u64)> {
        let diary = self.json("/_emulator/requests").await;
        let lines = diary["log"].as_array().expect("a list");
        lines
            .iter()
            .filter_map(|line| {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                let method = text("method");
                matches!(method.as_str(), "DELETE" | "PUT" | "PATCH").then(|| {
                    (
                        method,
                        text("path"),
                        line["status"].as_u64().unwrap_or_default(),
                    )
                })
            })
            .collect()
    }

    /// What the workspace holds, by kind.
    pub(in crate::wire) async fn truth(&self) -> HashMap<String, Vec<(String, Value)>> {
        let text = self
            .text(&format!(
                "/_emulator/truth?workspace={}",
                self.emulator.workspace()
            ))
            .await;
        let mut all: HashMap<String, Vec<(String, Value)>> = HashMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("json lines");
            let text = |name: &str| line[name].as_str().expect("text").to_owned();
            all.entry(text("kind"))
                .or_default()
                .push((text("id"), line["doc"].clone()));
        }
        all
    }

    /// The first item of a kind that a condition takes.
    pub(in crate::wire) async fn thing(
        &self,
        kind: &'static str,
        wanted: impl Fn(&str, &Value) -> bool,
    ) -> Thing {
        let truth = self.truth().await;
        let (id, doc) = truth[kind]
            .iter()
            .find(|(id, doc)| wanted(id, doc))
            .unwrap_or_else(|| panic!("no such item among {kind}"))
            .clone();
        let template = find(kind).expect("a row").id;
        // The emulator names some things by its own ids; ours is the row's.
        let id = crate::kinds::item::id(template, &crate::kinds::item::Params::default(), &doc)
            .unwrap_or(id);
        Thing {
            kind,
            id,
            parent: None,
            doc,
        }
    }

    pub(in crate::wire) fn deed(&self, thing: &Thing) -> Deed {
        let remove = thing.remove();
        let (change, more) = match remove.act {
            Act::PutDisabled | Act::PutStatus => (Change::Put, ""),
            Act::DeleteCompute => (Change::Delete, "?underlyingResourceAction=Delete"),
            _ => (Change::Delete, ""),
        };
        Deed {
            change,
            base: remove.base,
            address: address(
                remove.base,
                &self.path,
                &format!("{}{more}", thing.fill(remove.path)),
            ),
        }
    }

    pub(in crate::wire) fn eraser(&self, deeds: &[Deed]) -> Result<Eraser, Unsafe> {
        Eraser::new(Arc::clone(&self.wire), &self.hosts, &self.path, deeds)
    }

    /// How the item is seen now.
    pub(in crate::wire) async fn see(&self, thing: &Thing) -> Sight {
        let look = thing.remove().look;
        let (base, template) = look.at();
        let (body, items) = match look {
            Look::One(..) => (None, None),
            Look::In(_, Ask::Get(_), items) => (None, Some(items)),
            Look::In(_, Ask::Query(_, body), items) => (Some(body), Some(items)),
        };
        let address = address(base, &self.path, &thing.fill(template));
        Looker::new(Arc::clone(&self.wire), self.hosts.clone())
            .see(base, &address, body, items)
            .await
            .unwrap_or_else(|fault| panic!("{}: {fault}", thing.kind))
    }

    /// Follows a call to its end.
    pub(in crate::wire) async fn end(&self, eraser: &Eraser, done: &Done) -> Poll {
        let mut operation = done.operation.clone().expect("an operation");
        for _ in 0..200 {
            let (poll, moved) = eraser.poll(&operation).await.expect("an answer");
            operation = moved.unwrap_or(operation);
            if !matches!(poll, Poll::Running { .. }) {
                return poll;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not end");
    }
}
