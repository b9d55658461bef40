//! What an export costs, measured as its user meets it: the shipped program against the emulator in a second process, on
//! the same cores. `cargo bench` runs everything but the largest; `cargo bench -- NAME...` runs some; `-- all` runs all.
//!
//! Time is the wall clock of the whole command. Memory is the peak of the resident set as the kernel counts it (`VmHWM`),
//! read every 10 ms from `/proc`. Requests are those that the emulator counted.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_aml-dsr");

/// One thing to measure.
struct Case {
    name: &'static str,
    /// Arguments of the emulator.
    world: &'static [&'static str],
    /// Arguments of the export.
    export: &'static [&'static str],
    /// What is counted, how many of it there are, and what is to be reached in it each second.
    unit: &'static str,
    amount: f64,
    reach: Option<f64>,
    /// Only when it is named, since it takes long.
    long: bool,
    /// What the emulator is told before: control and body.
    before: &'static [(&'static str, &'static str)],
}

const PEER: &[&str] = &["--kinds", "run-details,metrics,metrics-v2,artifacts"];
const RUNS: f64 = 200.0;

const CASES: &[Case] = &[
    Case {
        name: "one-512MiB",
        world: &[
            "--runs",
            "1",
            "--experiments",
            "1",
            "--artifacts",
            "1",
            "--artifact-bytes",
            "512MiB",
        ],
        export: &["--kinds", "artifacts"],
        unit: "MiB",
        amount: 512.0,
        reach: Some(450.0),
        long: false,
        before: &[],
    },
    Case {
        name: "files-5000x4KiB",
        world: &[
            "--runs",
            "1",
            "--experiments",
            "1",
            "--artifacts",
            "5000",
            "--artifact-bytes",
            "4096",
        ],
        export: &["--kinds", "artifacts"],
        unit: "files",
        amount: 5000.0,
        reach: Some(2000.0),
        long: false,
        before: &[],
    },
    Case {
        name: "peer-0ms",
        world: &[
            "--runs",
            "200",
            "--metrics",
            "5",
            "--metric-values",
            "4",
            "--artifacts",
            "3",
            "--artifact-bytes",
            "4096",
        ],
        export: PEER,
        unit: "runs",
        amount: RUNS,
        reach: Some(100.0),
        long: false,
        before: &[],
    },
    Case {
        name: "peer-20ms",
        world: &[
            "--runs",
            "200",
            "--metrics",
            "5",
            "--metric-values",
            "4",
            "--artifacts",
            "3",
            "--artifact-bytes",
            "4096",
            "--latency",
            "20",
        ],
        export: PEER,
        unit: "runs",
        amount: RUNS,
        reach: Some(100.0),
        long: false,
        before: &[],
    },
    Case {
        name: "peer-v2-0ms",
        world: &[
            "--runs",
            "200",
            "--metrics",
            "5",
            "--metric-values",
            "4",
            "--artifacts",
            "3",
            "--artifact-bytes",
            "4096",
            "--metrics-v2",
        ],
        export: PEER,
        unit: "runs",
        amount: RUNS,
        reach: Some(100.0),
        long: false,
        before: &[],
    },
    Case {
        name: "peer-v2-20ms",
        world: &[
            "--runs",
            "200",
            "--metrics",
            "5",
            "--metric-values",
            "4",
            "--artifacts",
            "3",
            "--artifact-bytes",
            "4096",
            "--metrics-v2",
            "--latency",
            "20",
        ],
        export: PEER,
        unit: "runs",
        amount: RUNS,
        reach: Some(100.0),
        long: false,
        before: &[],
    },
    Case {
        name: "metadata-20ms",
        world: &["--runs", "218000", "--latency", "20"],
        export: &["--kinds", "runs", "--no-content"],
        unit: "runs",
        amount: 218_000.0,
        reach: Some(2000.0),
        long: false,
        before: &[],
    },
    Case {
        name: "memory-10k",
        world: &["--runs", "10000"],
        export: &["--no-content"],
        unit: "runs",
        amount: 10_000.0,
        reach: None,
        long: false,
        before: &[],
    },
    Case {
        name: "memory-100k",
        world: &["--runs", "100000"],
        export: &["--no-content"],
        unit: "runs",
        amount: 100_000.0,
        reach: None,
        long: false,
        before: &[],
    },
    Case {
        name: "tenant-500x200",
        world: &["--world", "tenant", "--workspaces", "500", "--items", "200"],
        export: &["--all-subscriptions", "--no-content"],
        unit: "items",
        amount: 100_000.0,
        reach: None,
        long: false,
        before: &[],
    },
    Case {
        name: "memory-1m",
        world: &["--runs", "1000000"],
        export: &["--no-content"],
        unit: "runs",
        amount: 1_000_000.0,
        reach: None,
        long: true,
        before: &[],
    },
    Case {
        name: "arm-bucket",
        world: &[],
        export: &["--kinds", "codes"],
        unit: "assets",
        amount: 5000.0,
        reach: None,
        long: false,
        before: &[
            (
                "touch",
                r#"{"workspace": "contoso-ml", "kind": "codes", "id": "src-1", "copies": 4999}"#,
            ),
            ("settings", r#"{"arm_quota": true}"#),
        ],
    },
];

fn main() {
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    // Every bag stays until the end: a file system that has just deleted many files is slow to make new ones.
    let place = tempfile::tempdir().expect("a temporary directory");
    let all = named.iter().any(|name| name == "all");
    println!(
        "{:<16} {:>10} {:>14} {:>12} {:>10} {:>10} {:>8}  reach",
        "case", "seconds", "per second", "requests", "per item", "peak MiB", "early"
    );
    for case in CASES {
        let wanted = if named.is_empty() {
            !case.long
        } else {
            all || named.iter().any(|name| name == case.name)
        };
        if wanted {
            measure(case, place.path());
        }
    }
}

/// Reads that a full bucket of the resource manager holds, and how many come back in a second.
const BUCKET: (f64, f64) = (250.0, 25.0);
/// How much longer than the bucket's own time an export may take.
const BEYOND: f64 = 0.05;

/// The emulator in a process of its own; it ends with this value.
struct Emulator {
    child: Child,
    flags: Vec<String>,
    endpoint: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn emulator(world: &[&str]) -> Emulator {
    let mut child = Command::new(PROGRAM)
        .arg("emulator")
        .args(world)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the emulator starts");
    let out = child.stdout.take().expect("stdout is piped");
    let line = BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .find(|line| line.trim_start().starts_with("aml-dsr export"))
        .expect("the emulator prints what to type");
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let until = words
        .iter()
        .position(|word| word == "--output")
        .expect("the line names an output");
    let flags = words[2..until].to_vec();
    let endpoint = flags[1].clone();
    Emulator {
        child,
        flags,
        endpoint,
    }
}

fn measure(case: &Case, place: &Path) {
    let emulator = emulator(case.world);
    for (control, body) in case.before {
        tell(&emulator.endpoint, control, body);
    }
    let bag = place.join(case.name);
    // What the emulator tells a person to type names one workspace; a wide scope stands in its place.
    let wide = case.export.contains(&"--all-subscriptions");
    let flags = if wide {
        &emulator.flags[..2]
    } else {
        &emulator.flags[..]
    };
    let started = Instant::now();
    let mut export = Command::new(PROGRAM)
        .arg("export")
        .args(flags)
        .args(case.export)
        .args(["--quiet", "--progress", "none", "--output"])
        .arg(&bag)
        .stdout(Stdio::null())
        .spawn()
        .expect("the export starts");
    let peak = watch(&mut export);
    let seconds = started.elapsed().as_secs_f64();
    let status = export.wait().expect("the export ends");
    assert!(
        status.success(),
        "{}: the export ended with {status}",
        case.name
    );
    assert!(
        bag.join("manifest-sha256.txt").exists(),
        "{}: there is no manifest",
        case.name
    );
    let (requests, early) = counted(&emulator.endpoint);
    let rate = case.amount / seconds;
    let paced = case
        .before
        .iter()
        .any(|(_, body)| body.contains("arm_quota"));
    let bucket = paced.then(|| {
        let least = (requests as f64 - BUCKET.0) / BUCKET.1;
        let beyond = seconds / least - 1.0;
        format!(
            "{:+.1} % beyond the bucket's own {least:.1} s, at most {:.0} %: {}",
            beyond * 100.0,
            BEYOND * 100.0,
            if beyond <= BEYOND && early == 0 {
                "reached"
            } else {
                "MISSED"
            }
        )
    });
    let reach = case.reach.map_or_else(String::new, |reach| {
        format!(
            "{reach} {}/s: {}",
            case.unit,
            if rate >= reach { "reached" } else { "MISSED" }
        )
    });
    let reach = bucket.unwrap_or(reach);
    println!(
        "{:<16} {seconds:>10.2} {:>14} {requests:>12} {:>10.2} {:>10.1} {early:>8}  {reach}",
        case.name,
        format!("{rate:.0} {}", case.unit),
        requests as f64 / case.amount,
        peak as f64 / 1024.0
    );
}

/// Waits for the end, and gives the peak of resident memory in KiB.
fn watch(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child
        .try_wait()
        .expect("the export can be waited for")
        .is_none()
    {
        peak = peak.max(high_water(Path::new(&status)).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
    peak
}

fn high_water(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    text.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    })
}

/// Tells the emulator something.
fn tell(endpoint: &str, control: &str, body: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let sent = client
            .post(format!("{endpoint}/_emulator/{control}"))
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(sent.status(), 200, "{control} {body}");
    });
}

/// What the emulator counted: requests, and those that came before a time that it had asked for.
fn counted(endpoint: &str) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let text = runtime.block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        client
            .get(format!("{endpoint}/_emulator/requests"))
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a text")
    });
    let doc: serde_json::Value = serde_json::from_str(&text).expect("the emulator answers in JSON");
    let of = |name: &str| {
        doc.get(name)
            .and_then(serde_json::Value::as_u64)
            .unwrap_or_default()
    };
    (of("total"), of("early"))
}
