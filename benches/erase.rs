//! What it costs to carry out a plan: 5,000 models are erased from the emulator in this process, with the journal on a disk
//! and without one. `cargo bench --bench erase`; `AML_DSR_BENCH_DIR` names a directory on the disk that is meant.
//!
//! Each way is measured in turn, several times, and the median counts: first against a server that answers at once, which shows
//! the program's own pace, then against one that takes some milliseconds, as every server at the end of a line does. The pace of
//! the server is what it takes bare requests to erase the same models, so that a slow machine is told from a slow program. The
//! bench fails when a model is left, when one was erased twice, or when the journal costs more than it may of the time that such
//! a server takes.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aml_dsr::emulator;
use aml_dsr::kinds::removal::address;
use aml_dsr::kinds::{self, Base};
use aml_dsr::plan::apply::{Actor, Hands, Options, apply};
use aml_dsr::plan::fingerprint::{Seen, seen};
use aml_dsr::plan::journal::{self, Past, Pen};
use aml_dsr::plan::model::{
    Asked, Becomes, Call, Export, FORMAT, Inventory, Limits, LookAt, Plan, Scope, State, Step,
    Verb, Wave, What,
};
use aml_dsr::plan::seal;
use aml_dsr::report::Nobody;
use aml_dsr::wire::access::{self, SignIn};
use aml_dsr::wire::cloud::Cloud;
use aml_dsr::wire::discovery::{Hosts, discover};
use aml_dsr::wire::look::Looker;
use aml_dsr::wire::{Settings, Wire};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

const MODELS: usize = 5000;
const ROUNDS: usize = 5;
/// Deletes a second, unless the server is slower.
const REACH: f64 = 600.0;
/// Of the time that a server takes with an answer after some milliseconds, what the journal may cost.
const SHARE: f64 = 0.10;
const AT_ONCE: usize = 16;
/// What a near server takes for an answer.
const LATENCY_MS: u64 = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Bare DELETEs, as fast as they are taken.
    Bare,
    Without,
    With,
}

struct Bench {
    base: String,
    http: reqwest::Client,
    wire: Arc<Wire>,
    hosts: Hosts,
    scope: Scope,
    folder: tempfile::TempDir,
    _emulator: emulator::Emulator,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let bench = Bench::new().await;
    let mut shares = Vec::new();
    for latency in [0, LATENCY_MS] {
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        let mut requests = 0;
        for round in 0..ROUNDS {
            // Each way comes first as often as the others.
            let mut ways = [Way::Bare, Way::Without, Way::With];
            ways.rotate_left(round % 3);
            for way in ways {
                let (time, sent) = bench.measure(way, round, latency).await;
                times[way as usize].push(time);
                if way == Way::With {
                    requests = sent;
                }
            }
        }
        let [bare, without, with] = times.map(median);
        println!("answers after {latency} ms");
        println!("{:<16} {:>9} {:>12}", "way", "seconds", "deletes/s");
        for (name, time) in [
            ("bare requests", bare),
            ("without journal", without),
            ("with journal", with),
        ] {
            println!("{name:<16} {time:>9.3} {:>12.0}", pace(time));
        }
        let share = (with - without) / with;
        println!(
            "the journal costs {:.1} % of the time; {:.2} requests for each model",
            share * 100.0,
            requests as f64 / MODELS as f64
        );
        assert!(
            pace(with) >= REACH.min(pace(bare) / 3.0),
            "fewer than {REACH} deletes a second, and the server could have done more"
        );
        shares.push(share);
    }
    assert!(
        shares.last().is_some_and(|share| *share <= SHARE),
        "the journal costs more than {SHARE} of the time"
    );
}

fn pace(time: f64) -> f64 {
    MODELS as f64 / time
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

impl Bench {
    async fn new() -> Self {
        let emulator = emulator::start(emulator::Options::default())
            .await
            .expect("an emulator");
        let base = emulator.arm_endpoint();
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let (subscription, resource_group, workspace) = (
            emulator.subscription().to_owned(),
            emulator.resource_group().to_owned(),
            emulator.workspace().to_owned(),
        );
        let path = format!(
            "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
        );
        let cloud = Cloud::at_arm_endpoint(&base).expect("a cloud");
        let tokens = access::open(SignIn::None, &cloud).expect("no sign-in");
        let wire = Wire::new(
            cloud,
            tokens,
            Arc::new(Nobody),
            CancellationToken::new(),
            Settings::default(),
        );
        let wire = Arc::new(wire.expect("a wire"));
        let found: Value = http
            .get(format!("{base}{path}?api-version=2026-05-01"))
            .bearer_auth("token")
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("the workspace");
        let url = found["properties"]["discoveryUrl"]
            .as_str()
            .expect("an address");
        let hosts = discover(&wire, &Url::parse(url).expect("an address"))
            .await
            .expect("hosts");
        let folder = std::env::var_os("AML_DSR_BENCH_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        Self {
            base,
            http,
            wire,
            hosts,
            scope: Scope {
                subscription,
                resource_group,
                workspace,
                path,
                workspace_id: None,
            },
            folder: tempfile::tempdir_in(folder).expect("a folder"),
            _emulator: emulator,
        }
    }

    async fn post(&self, control: &str, body: Value) {
        let url = format!("{}/_emulator/{control}", self.base);
        let answer = self
            .http
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{control}");
    }

    async fn get(&self, control: &str) -> Value {
        let url = format!("{}/_emulator/{control}", self.base);
        self.http
            .get(url)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// A world with all the models, one way of erasing them, and a look at what was done.
    async fn measure(&self, way: Way, round: usize, latency: u64) -> (f64, u64) {
        self.post("reset", json!({"world": true})).await;
        self.post("settings", json!({"latency_ms": 0})).await;
        let first = "vision:3";
        self.post("touch", json!({"workspace": self.scope.workspace, "kind": "models", "id": first, "copies": MODELS})).await;
        let plan = self.plan(first).await;
        let hands = Hands::new(&self.wire, &self.hosts, &plan).expect("hands");
        let before = self.get("requests").await["total"]
            .as_u64()
            .unwrap_or_default();
        self.post("settings", json!({"latency_ms": latency})).await;
        let began = Instant::now();
        match way {
            Way::Bare => self.bare(&plan).await,
            Way::Without => {
                let pen = Pen::of_nothing().expect("a pen");
                self.carry_out(&plan, &hands, &pen, &Past::default()).await;
            }
            Way::With => {
                let path = self
                    .folder
                    .path()
                    .join(format!("journal-{latency}-{round}.jsonl"));
                let (pen, past) = journal::open(&path, &plan.digest).expect("a journal");
                self.carry_out(&plan, &hands, &pen, &past).await;
            }
        }
        let time = began.elapsed().as_secs_f64();
        let after = self.get("requests").await["total"]
            .as_u64()
            .unwrap_or_default();
        let done = self.get("deletions").await;
        let deleted = done.as_array().map_or(0, Vec::len);
        assert_eq!(deleted, MODELS, "each model is erased, and once");
        (time, after - before)
    }

    async fn carry_out(&self, plan: &Plan, hands: &Hands, pen: &Pen, past: &Past) {
        let actor = Actor {
            tool: "bench".to_owned(),
            identity: None,
        };
        let options = Options {
            concurrency: AT_ONCE,
            patience: Duration::from_secs(10),
            ..Options::default()
        };
        let applied = apply(
            plan,
            hands,
            (pen, past),
            actor,
            &options,
            &CancellationToken::new(),
            &|_| {},
        )
        .await;
        assert_eq!(applied.halt, None);
        assert!(
            applied
                .outcomes
                .iter()
                .all(|one| one.state == State::Erased)
        );
    }

    async fn bare(&self, plan: &Plan) {
        stream::iter(&plan.waves[0].steps)
            .for_each_concurrent(AT_ONCE, |step| async move {
                let url = format!("{}{}", self.base, step.calls[0].address);
                let answer = self
                    .http
                    .delete(url)
                    .bearer_auth("token")
                    .send()
                    .await
                    .expect("an answer");
                assert_eq!(answer.status(), 200);
            })
            .await;
    }

    async fn plan(&self, first: &str) -> Plan {
        let kind = kinds::find("models").expect("a row");
        let looker = Looker::new(Arc::clone(&self.wire), self.hosts.clone());
        let mut steps = Vec::with_capacity(MODELS);
        for number in 1..=MODELS {
            let id = format!("{first}-copy{number}");
            let filled = format!("/models/{}", id.replace(':', "%3A"));
            let at = address(Base::Models2, &self.scope.path, &filled);
            let mut step = step(number, id, at);
            // All are alike but for their names, so one look would not do.
            let sight = looker
                .see(step.look.base, &step.look.address, None, None)
                .await
                .expect("a look");
            let Seen::Here { fingerprint, .. } = seen(kind, &step, sight) else {
                panic!("{} is not there", step.id);
            };
            step.fingerprint = fingerprint;
            steps.push(step);
        }
        let mut plan = Plan {
            format: FORMAT.to_owned(),
            tool: "bench".to_owned(),
            cloud: "the emulator".to_owned(),
            scope: self.scope.clone(),
            asked: Asked::default(),
            made: "2026-11-21T10:00:00Z".to_owned(),
            valid_until: "2026-11-22T10:00:00Z".to_owned(),
            limits: Limits {
                max_items: 10_000,
                max_percent: 100,
                protect: Vec::new(),
            },
            approvals: 0,
            inventory: Inventory::default(),
            export: Export::Without,
            findings: Vec::new(),
            waves: vec![Wave { wave: 1, steps }],
            decisions: Vec::new(),
            untouched: Vec::new(),
            digest: seal::unsealed(),
        };
        plan.digest = seal::seal(&plan).expect("a digest").1;
        plan
    }
}

fn step(number: usize, id: String, address: String) -> Step {
    Step {
        step: u32::try_from(number).expect("a small number"),
        kind: "models".to_owned(),
        id,
        parent: None,
        calls: vec![Call {
            verb: Verb::Delete,
            base: Base::Models2,
            address: address.clone(),
            what: What::Erase,
        }],
        look: LookAt {
            base: Base::Models2,
            address,
            body: None,
            items: None,
        },
        fingerprint: String::new(),
        becomes: Becomes::Erased,
        needs: Vec::new(),
        covers: Vec::new(),
        places: Vec::new(),
    }
}
