//! An emulator, the hands that work on it, and what it says about what was done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::emulator::{self, Emulator};
use crate::plan::apply::{Actor, Applied, Hands, Options, apply};
use crate::plan::journal;
use crate::plan::model::{Outcome, Plan, Scope, State};
use crate::report::Nobody;
use crate::wire::access::{self, SignIn};
use crate::wire::cloud::Cloud;
use crate::wire::discovery::{Hosts, discover};
use crate::wire::{Settings, Wire};

/// One document of the world.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) doc: Value,
}

pub(super) struct Desk {
    /// It serves as long as this is held.
    _emulator: Emulator,
    pub(super) http: Client,
    pub(super) base: String,
    pub(super) wire: Arc<Wire>,
    pub(super) hosts: Hosts,
    pub(super) scope: Scope,
    pub(super) facts: Vec<Fact>,
    pub(super) folder: tempfile::TempDir,
}

/// Waits short enough for tests.
pub(super) fn quick() -> Options {
    Options {
        concurrency: 4,
        patience: Duration::from_millis(900),
        settle: Duration::from_millis(300),
        first: Duration::from_millis(4),
        cap: Duration::from_millis(40),
        conflicts: 2,
        conflict_wait: Duration::from_millis(5),
        now: OffsetDateTime::now_utc,
    }
}

impl Desk {
    pub(super) async fn new() -> Self {
        Self::with(emulator::Options::default()).await
    }

    pub(super) async fn with(options: emulator::Options) -> Self {
        let emulator = emulator::start(options).await.expect("what the test needs");
        let http = Client::builder()
            .no_proxy()
            .build()
            .expect("what the test needs");
        let base = emulator.arm_endpoint();
        let (subscription, group, workspace) = (
            emulator.subscription().to_owned(),
            emulator.resource_group().to_owned(),
            emulator.workspace().to_owned(),
        );
        let path = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
        );
        let cloud = Cloud::at_arm_endpoint(&base).expect("what the test needs");
        let tokens = access::open(SignIn::None, &cloud).expect("what the test needs");
        let settings = Settings {
            tries: 3,
            backoff: Duration::from_millis(2),
            backoff_cap: Duration::from_millis(8),
            attempt: Duration::from_secs(20),
            ..Settings::default()
        };
        let wire = Arc::new(
            Wire::new(
                cloud,
                tokens,
                Arc::new(Nobody),
                CancellationToken::new(),
                settings,
            )
            .expect("what the test needs"),
        );
        let mut desk = Self {
            _emulator: emulator,
            http,
            base,
            wire,
            hosts: Hosts::default(),
            scope: Scope {
                subscription,
                resource_group: group,
                workspace,
                path,
                workspace_id: None,
            },
            facts: Vec::new(),
            folder: tempfile::tempdir().expect("what the test needs"),
        };
        let found = desk
            .get(&format!("{}?api-version=2026-05-01", desk.scope.path))
            .await;
        let url = found["properties"]["discoveryUrl"]
            .as_str()
            .expect("what the test needs");
        desk.hosts = discover(&desk.wire, &Url::parse(url).expect("what the test needs"))
            .await
            .expect("what the test needs");
        desk.read_facts().await;
        desk.settings(json!({"operation_ms": 15})).await;
        desk
    }

    pub(super) async fn read_facts(&mut self) {
        let url = format!(
            "{}/_emulator/truth?workspace={}",
            self.base, self.scope.workspace
        );
        let text = self
            .http
            .get(url)
            .send()
            .await
            .expect("what the test needs")
            .text()
            .await
            .expect("what the test needs");
        self.facts = text
            .lines()
            .map(|line| {
                let line: Value = serde_json::from_str(line).expect("what the test needs");
                Fact {
                    kind: line["kind"]
                        .as_str()
                        .expect("what the test needs")
                        .to_owned(),
                    id: line["id"].as_str().expect("what the test needs").to_owned(),
                    doc: line["doc"].clone(),
                }
            })
            .collect();
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}{path}", self.base))
            .bearer_auth("token")
            .send()
            .await
            .expect("what the test needs");
        answer.json().await.expect("what the test needs")
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_emulator/{path}", self.base);
        let answer = self
            .http
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("what the test needs");
        let (status, text) = (
            answer.status(),
            answer.text().await.expect("what the test needs"),
        );
        assert_eq!(status, 200, "{path} {body}: {text}");
        serde_json::from_str(&text).expect("what the test needs")
    }

    pub(super) async fn settings(&self, body: Value) {
        self.post("settings", body).await;
    }

    pub(super) async fn touch(&self, kind: &str, id: &str, how: Value) {
        let mut body = how;
        body["workspace"] = self.scope.workspace.clone().into();
        body["kind"] = kind.into();
        body["id"] = id.into();
        self.post("touch", body).await;
    }

    pub(super) async fn reset(&self) {
        self.post("reset", json!({"world": true})).await;
        self.settings(json!({"operation_ms": 15})).await;
    }

    /// Method and address of everything that changes something, in order.
    pub(super) async fn changes(&self) -> Vec<(String, String)> {
        let log = self.get("/_emulator/requests").await;
        log["log"]
            .as_array()
            .expect("what the test needs")
            .iter()
            .filter(|line| {
                !line["path"]
                    .as_str()
                    .expect("what the test needs")
                    .starts_with("/_emulator")
            })
            .map(|line| {
                (
                    line["method"]
                        .as_str()
                        .expect("what the test needs")
                        .to_owned(),
                    line["path"]
                        .as_str()
                        .expect("what the test needs")
                        .to_owned(),
                )
            })
            .filter(|(method, path)| !(method == "GET" || method == "POST" && reads(path)))
            .collect()
    }

    /// What was really done to which item, in order.
    pub(super) async fn deletions(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = self.get("/_emulator/deletions").await;
        let told = told.as_array().expect("what the test needs").iter();
        told.map(|one| (text(&one["kind"]), text(&one["id"]), text(&one["effect"])))
            .collect()
    }

    pub(super) fn of(&self, kind: &str) -> Vec<&Fact> {
        self.facts.iter().filter(|fact| fact.kind == kind).collect()
    }

    pub(super) fn journal(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.jsonl"))
    }

    /// Carries out a plan, as a new program would.
    pub(super) async fn carry_out(&self, plan: &Plan, name: &str) -> Applied {
        self.carry_out_with(plan, name, &quick(), &CancellationToken::new())
            .await
    }

    pub(super) async fn carry_out_with(
        &self,
        plan: &Plan,
        name: &str,
        options: &Options,
        stop: &CancellationToken,
    ) -> Applied {
        let hands = Hands::new(&self.wire, &self.hosts, plan).expect("what the test needs");
        let (pen, past) =
            journal::open(&self.journal(name), &plan.digest).expect("what the test needs");
        let actor = Actor {
            tool: "aml-dsr test".to_owned(),
            identity: None,
        };
        apply(plan, &hands, (&pen, &past), actor, options, stop, &|_| {}).await
    }
}

/// A POST that only asks.
fn reads(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    // Drafts are listed by a POST as well.
    path.ends_with(":query")
        || path.ends_with("/list")
        || path.ends_with("/full")
        || path.ends_with("batch/metadata")
        || path.ends_with("/PipelineDrafts")
}

/// The states in the order of the steps; nothing may be left open.
pub(super) fn states(applied: &Applied) -> Vec<State> {
    assert_eq!(applied.halt, None);
    applied
        .outcomes
        .iter()
        .map(|one: &Outcome| one.state.clone())
        .collect()
}
