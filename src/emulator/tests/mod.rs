//! The checklist of observable behaviour, asked over real HTTP.

mod around;
mod bytes;
mod clients;
mod content;
mod control;
mod deleting;
mod graph;
mod jobs;
mod lag;
mod modern;
mod operations;
mod outside;
mod people;
mod reading;
mod registries;
mod resources;
mod rights;
mod shapes;
mod shelves;
mod standing;
mod tenant;
mod weather;

use super::{Emulator, Options, start};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// A running emulator and a client that speaks to it as an honest caller would.
pub(super) struct Bench {
    pub(super) emulator: Emulator,
    pub(super) client: Client,
    pub(super) base: String,
}

/// One line of the truth.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) id: String,
    pub(super) sha256: String,
    /// The document with the digits it came with.
    pub(super) text: String,
    pub(super) doc: Value,
    pub(super) bytes: Option<String>,
}

impl Bench {
    pub(super) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let emulator = start(options).await.expect("loopback can be bound");
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a plain client");
        let base = emulator.arm_endpoint();
        Self {
            emulator,
            client,
            base,
        }
    }

    pub(super) fn scope(&self, workspace: &str) -> String {
        let group = if workspace.starts_with("fabrikam") {
            "rg-fabrikam-lab"
        } else {
            self.emulator.resource_group()
        };
        format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}",
            self.emulator.subscription()
        )
    }

    pub(super) fn main(&self) -> String {
        self.scope(self.emulator.workspace())
    }

    pub(super) async fn send(&self, method: &str, url: &str, body: Option<Value>) -> Response {
        let url = if url.starts_with("http") {
            url.to_owned()
        } else {
            format!("{}{url}", self.base)
        };
        let mut request = self
            .client
            .request(
                Method::from_bytes(method.as_bytes()).expect("a method"),
                url,
            )
            .bearer_auth("token");
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.expect("an answer")
    }

    pub(super) async fn get(&self, url: &str) -> Response {
        self.send("GET", url, None).await
    }

    pub(super) async fn json(&self, url: &str) -> Value {
        let response = self.get(url).await;
        assert_eq!(response.status(), 200, "{url}");
        response.json().await.expect("json")
    }

    pub(super) async fn json_list(&self, url: String) -> Vec<Value> {
        serde_json::from_value(self.json(&url).await).expect("a bare array")
    }

    pub(super) async fn post(&self, url: &str, body: Value) -> Value {
        let response = self.send("POST", url, Some(body)).await;
        assert_eq!(response.status(), 200, "{url}");
        response.json().await.expect("json")
    }

    /// Answers to a request without a body.
    pub(super) async fn status(&self, method: &str, url: &str) -> u16 {
        self.send(method, url, None).await.status().as_u16()
    }

    pub(super) async fn set(&self, settings: Value) {
        self.post("/_emulator/settings", settings).await;
    }

    pub(super) async fn touch(&self, kind: &str, id: &str, what: Value) {
        let mut body = serde_json::json!({"workspace": "contoso-ml", "kind": kind, "id": id});
        super::text::merge(&mut body, what);
        self.post("/_emulator/touch", body).await;
    }

    /// What was really changed, in order: kind, id and effect.
    pub(super) async fn deletions(&self) -> Vec<[String; 3]> {
        let told = self.json("/_emulator/deletions").await;
        let entries = told.as_array().expect("a list").iter();
        entries
            .map(|entry| {
                ["kind", "id", "effect"].map(|name| entry[name].as_str().expect("text").to_owned())
            })
            .collect()
    }

    /// The status and the code of an error of the resource manager.
    pub(super) async fn refused(&self, method: &str, url: &str) -> (u16, String) {
        let response = self.send(method, url, None).await;
        let status = response.status().as_u16();
        let body: Value = response.json().await.expect("json");
        let code = body["error"]["code"].as_str().expect("a code").to_owned();
        (status, code)
    }

    /// Follows tokens in the query; counts empty pages too.
    pub(super) async fn tokens(&self, url: &str, name: &str) -> (Vec<Value>, usize, usize) {
        let (mut rows, mut pages, mut hollow) = (Vec::new(), 0, 0);
        let mut token: Option<String> = None;
        loop {
            let mut address = reqwest::Url::parse(&format!("{}{url}", self.base)).expect("a url");
            if let Some(token) = &token {
                address.query_pairs_mut().append_pair(name, token);
            }
            let page = self.json(address.as_str()).await;
            let value = page["value"].as_array().expect("value").clone();
            pages += 1;
            hollow += usize::from(value.is_empty());
            rows.extend(value);
            assert!(
                page.as_object()
                    .expect("object")
                    .contains_key("continuationToken")
            );
            match page["continuationToken"].as_str() {
                Some(next) => token = Some(next.to_owned()),
                None => return (rows, pages, hollow),
            }
        }
    }

    /// Follows tokens in the body.
    pub(super) async fn query(&self, url: &str, mut body: Value) -> (Vec<Value>, usize, usize) {
        let (mut rows, mut pages, mut hollow) = (Vec::new(), 0, 0);
        loop {
            let page = self.post(url, body.clone()).await;
            let value = page["value"].as_array().expect("value").clone();
            pages += 1;
            hollow += usize::from(value.is_empty());
            rows.extend(value);
            match page["continuationToken"].as_str() {
                Some(next) => body["continuationToken"] = next.into(),
                None => return (rows, pages, hollow),
            }
        }
    }

    /// Follows `nextLink` as it stands; the last page must not have the key.
    pub(super) async fn links(&self, url: &str) -> (Vec<Value>, usize, usize) {
        let (mut rows, mut pages, mut hollow) = (Vec::new(), 0, 0);
        let mut next = format!("{}{url}", self.base);
        loop {
            let page = self.json(&next).await;
            let value = page["value"].as_array().expect("value").clone();
            pages += 1;
            hollow += usize::from(value.is_empty());
            rows.extend(value);
            match page.get("nextLink") {
                Some(link) => link
                    .as_str()
                    .expect("a link and not null")
                    .clone_into(&mut next),
                None => return (rows, pages, hollow),
            }
        }
    }

    pub(super) async fn truth(&self, workspace: &str) -> HashMap<String, Vec<Fact>> {
        let text = self
            .get(&format!("/_emulator/truth?workspace={workspace}"))
            .await
            .text()
            .await
            .expect("text");
        let mut facts: HashMap<String, Vec<Fact>> = HashMap::new();
        for line in text.lines() {
            let fact: Value = serde_json::from_str(line).expect("json lines");
            let at = line.find(",\"doc\":").expect("a document") + 7;
            facts
                .entry(fact["kind"].as_str().expect("kind").to_owned())
                .or_default()
                .push(Fact {
                    id: fact["id"].as_str().expect("id").to_owned(),
                    sha256: fact["sha256"].as_str().expect("digest").to_owned(),
                    text: line[at..line.len() - 1].to_owned(),
                    doc: fact["doc"].clone(),
                    bytes: fact["bytes_sha256"].as_str().map(str::to_owned),
                });
        }
        facts
    }
}

/// The values of one field, sorted.
pub(super) fn ids(rows: &[Value], field: &str) -> Vec<String> {
    let mut ids: Vec<String> = rows
        .iter()
        .map(|row| row[field].as_str().expect("an id").to_owned())
        .collect();
    ids.sort();
    ids
}

pub(super) fn fact_ids(facts: &[Fact]) -> Vec<String> {
    let mut ids: Vec<String> = facts.iter().map(|fact| fact.id.clone()).collect();
    ids.sort();
    ids
}

pub(super) fn encode(text: &str) -> String {
    super::page::encode(text)
}

/// Follows an address until it no longer says 202.
pub(super) async fn settle(bench: &Bench, url: &str) -> u16 {
    for _ in 0..100 {
        let status = bench.get(url).await.status().as_u16();
        if status != 202 {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{url} does not end");
}

pub(super) fn header(response: &Response, name: &str) -> String {
    response
        .headers()
        .get(name)
        .unwrap_or_else(|| panic!("no {name}"))
        .to_str()
        .expect("text")
        .to_owned()
}
