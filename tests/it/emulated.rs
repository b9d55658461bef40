//! The real emulator, in a process of its own, as a person starts it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::context::{Outcome, Room, Running};

/// The full workspace.
pub(crate) const MAIN: &str = "contoso-ml";
/// Serves the first generation of two services only, and no notifications.
pub(crate) const LEGACY: &str = "contoso-legacy";
/// Small, and without images.
pub(crate) const SMALL: &str = "fabrikam-Lab_2";

/// The registry beside them.
pub(crate) const REGISTRY: &str = "contoso-shared";

/// `aml-dsr emulator`, killed when the test is over.
pub(crate) struct EmulatorProcess {
    child: Child,
    /// Where it listens, as it said.
    pub(crate) endpoint: String,
    /// The flags that it told a person to type, but for the output.
    pub(crate) flags: Vec<String>,
    pub(crate) subscription: String,
    http: Http,
}

impl EmulatorProcess {
    /// Starts it on a free port and reads what it prints.
    pub(crate) fn start(args: &[&str]) -> Self {
        let room = Room::new();
        let mut command = room.program();
        // The room is gone before the emulator ends, so it stands elsewhere.
        command.current_dir(std::env::temp_dir());
        command.args(["emulator", "--port", "0"]).args(args);
        command.stderr(Stdio::inherit());
        let mut child = command.spawn().expect("the emulator starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines
            .map(|line| line.expect("text from the emulator"))
            .find(|line| line.trim_start().starts_with("aml-dsr export "))
            .expect("the emulator prints what to type");
        let mut flags: Vec<String> = line.split_whitespace().skip(2).map(str::to_owned).collect();
        let output = flags
            .iter()
            .position(|word| word == "--output")
            .expect("the line ends in --output");
        flags.truncate(output);
        let after = |flag: &str| {
            let at = flags.iter().position(|word| word == flag).expect(flag);
            flags[at + 1].clone()
        };
        Self {
            endpoint: after("--arm-endpoint"),
            subscription: after("--subscription"),
            flags,
            child,
            http: Http::new(),
        }
    }

    /// The flags that name one of its workspaces.
    pub(crate) fn scope(&self, workspace: &str) -> Vec<String> {
        let group = if workspace == SMALL {
            "rg-fabrikam-lab"
        } else {
            "rg-contoso-ml"
        };
        let words = [
            "--arm-endpoint",
            &self.endpoint,
            "--subscription",
            &self.subscription,
            "-g",
            group,
            "-w",
            workspace,
        ];
        words.map(str::to_owned).to_vec()
    }

    /// The flags that name a registry, without noise.
    pub(crate) fn registry(&self, name: &str) -> Vec<String> {
        let mut words = self.scope(name);
        let at = words
            .iter()
            .position(|word| word == "-w")
            .expect("a workspace");
        "--registry".clone_into(&mut words[at]);
        words.push("--quiet".to_owned());
        words
    }

    /// The arguments of an export of one workspace to a directory of the room.
    pub(crate) fn export(&self, workspace: &str, output: &str, more: &[&str]) -> Vec<String> {
        let mut args = vec!["export".to_owned()];
        args.extend(self.scope(workspace));
        args.extend(["-o", output].map(str::to_owned));
        args.extend(more.iter().map(|word| (*word).to_owned()));
        args
    }

    /// Exports one workspace, to the end.
    pub(crate) fn run(&self, room: &Room, workspace: &str, output: &str, more: &[&str]) -> Outcome {
        room.run(&self.export(workspace, output, more))
    }

    /// Begins to export one workspace.
    pub(crate) fn begin(
        &self,
        room: &Room,
        workspace: &str,
        output: &str,
        more: &[&str],
    ) -> Running {
        room.start(&self.export(workspace, output, more))
    }

    /// Asks a control for text.
    pub(crate) fn ask(&self, control: &str) -> String {
        self.http.send(
            "GET",
            &format!("{}/_emulator/{control}", self.endpoint),
            None,
        )
    }

    /// Every subscription that it has, in the order of their list.
    pub(crate) fn subscriptions(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut next = Some("/subscriptions?api-version=2022-12-01".to_owned());
        while let Some(path) = next {
            let page: Value = serde_json::from_str(&self.get(&path)).expect("JSON");
            for one in page["value"].as_array().expect("a list") {
                ids.push(one["subscriptionId"].as_str().expect("an id").to_owned());
            }
            let link = page["nextLink"].as_str();
            next = link.map(|link| link.trim_start_matches(&self.endpoint).to_owned());
        }
        ids
    }

    /// Asks a service, with a token.
    pub(crate) fn get(&self, path: &str) -> String {
        self.http
            .send("GET", &format!("{}{path}", self.endpoint), None)
    }

    /// Changes something at a service, with a token.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> String {
        let url = format!("{}{path}", self.endpoint);
        self.http.send("PATCH", &url, Some(body.to_string()))
    }

    /// Asks a control for JSON.
    pub(crate) fn ask_json(&self, control: &str) -> Value {
        serde_json::from_str(&self.ask(control)).expect("JSON from the emulator")
    }

    /// Tells a control something.
    pub(crate) fn tell(&self, control: &str, body: &Value) -> Value {
        let url = format!("{}/_emulator/{control}", self.endpoint);
        let answer = self.http.send("POST", &url, Some(body.to_string()));
        serde_json::from_str(&answer).expect("JSON from the emulator")
    }

    /// Forgets what was asked, and every mishap.
    pub(crate) fn reset(&self) {
        self.tell("reset", &Value::Null);
    }

    /// What was asked since the last reset.
    pub(crate) fn diary(&self) -> Diary {
        Diary(self.ask_json("requests"))
    }
}

impl Drop for EmulatorProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator's log of requests.
pub(crate) struct Diary(pub(crate) Value);

impl Diary {
    /// Requests that came before the time that an answer had asked for.
    pub(crate) fn early(&self) -> u64 {
        self.0["early"].as_u64().expect("a number")
    }

    pub(crate) fn total(&self) -> u64 {
        self.0["total"].as_u64().expect("a number")
    }

    /// How many answers had this status.
    pub(crate) fn with_status(&self, status: u16) -> u64 {
        self.0["by_status"][status.to_string()]
            .as_u64()
            .unwrap_or(0)
    }

    /// Path and status of each request that matters.
    pub(crate) fn lines(&self) -> Vec<(String, u64)> {
        let log = self.0["log"].as_array().expect("a log");
        log.iter()
            .map(|line| {
                let path = line["path"].as_str().expect("a path").to_owned();
                (path, line["status"].as_u64().expect("a status"))
            })
            .collect()
    }

    /// The blobs that were asked for with success, each as often as it was.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let lines = self.lines().into_iter();
        lines
            .filter(|(path, status)| path.contains("sig=") && (*status == 200 || *status == 206))
            .map(|(path, _)| path.split('?').next().unwrap_or_default().to_owned())
            .collect()
    }
}

/// A client for the controls: no proxy, no patience.
struct Http {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

impl Http {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let client = reqwest::Client::builder()
            .no_proxy()
            // The truth about a large world takes a while, above all in a program that is not optimised.
            .timeout(Duration::from_secs(900))
            .build()
            .expect("a client");
        Self { runtime, client }
    }

    fn send(&self, method: &str, url: &str, body: Option<String>) -> String {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self
            .client
            .request(method, url)
            .bearer_auth("token")
            .body(body.unwrap_or_default());
        self.runtime.block_on(async {
            let answer = request.send().await.expect("an answer of the emulator");
            assert!(answer.status().is_success(), "{url}: {}", answer.status());
            answer.text().await.expect("the whole answer")
        })
    }
}
