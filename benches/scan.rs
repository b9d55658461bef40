//! How fast a person is looked for: documents of runs as run history writes them, on one core, in memory. `cargo bench
//! --bench scan`.
//!
//! One document in a thousand holds the person, in one of several places and spellings, and the bench fails when one of them
//! is not found or when another one is. `full` is the worst case: every document is the person's. `file` is the text of the
//! same documents, fed in pieces of 64 KiB.
//!
//! Time is what the kernel says this thread spent on a processor, so that a busy machine does not count.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use aml_dsr::kinds::{self, Kind};
use aml_dsr::subject::{Matcher, Subject};

const DOCUMENTS: usize = 60_000;
const EVERY: usize = 1000;
const REACH: f64 = 50.0;

fn main() {
    let kind = kinds::find("runs").expect("a row");
    println!(
        "{:<12} {:>11} {:>10} {:>8} {:>10} {:>10}  reach",
        "case", "identifiers", "documents", "MiB", "build ms", "MiB/s"
    );
    for (case, every) in [("ascii", EVERY), ("accents", EVERY), ("full", 1)] {
        let docs = documents(case == "accents", every);
        for identifiers in [1, 10, 100] {
            documents_of(case, kind, &docs, every, identifiers);
        }
    }
    let text = documents(false, EVERY).join("\n");
    for identifiers in [1, 10, 100] {
        file(&text, identifiers);
    }
}

fn documents_of(case: &str, kind: &Kind, docs: &[String], every: usize, identifiers: usize) {
    let (matcher, build) = matcher(identifiers);
    let started = spent();
    let mut found = 0;
    for (index, doc) in docs.iter().enumerate() {
        let any = !matcher.document(kind, doc).is_empty();
        assert_eq!(any, index % every == 0, "{case}: {doc}");
        found += usize::from(any);
    }
    let seconds = spent() - started;
    assert_eq!(found, docs.len().div_ceil(every));
    let bytes: usize = docs.iter().map(String::len).sum();
    line(case, identifiers, docs.len(), bytes, build, seconds);
}

fn file(text: &str, identifiers: usize) {
    let (matcher, build) = matcher(identifiers);
    let started = spent();
    let mut scan = matcher.content(u64::MAX);
    for piece in text.as_bytes().chunks(64 * 1024) {
        scan.feed(piece);
    }
    let report = scan.finish();
    let seconds = spent() - started;
    assert!(report.total >= (DOCUMENTS / EVERY) as u64, "{report:?}");
    line("file", identifiers, DOCUMENTS, text.len(), build, seconds);
}

fn line(case: &str, identifiers: usize, docs: usize, bytes: usize, build: f64, seconds: f64) {
    let size = bytes as f64 / f64::from(1 << 20);
    let rate = size / seconds;
    let verdict = if rate >= REACH { "reached" } else { "MISSED" };
    println!(
        "{case:<12} {identifiers:>11} {docs:>10} {size:>8.1} {build:>10.1} {rate:>10.0}  {REACH} MiB/s: {verdict}"
    );
}

/// Seconds of this thread on a processor.
fn spent() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says it");
    let nanoseconds = text.split(' ').next().expect("a number");
    nanoseconds.parse::<f64>().expect("a number") / 1e9
}

/// One person of so many identifiers, the object id first, and the milliseconds that the automaton took.
fn matcher(identifiers: usize) -> (Matcher, f64) {
    let texts: Vec<String> = (0..identifiers)
        .map(|n| match n % 10 {
            0 => format!("5c1d0a2e-0000-4000-8000-{n:012x}"),
            1 => format!("1003200{n:09X}"),
            2 => "Ada Lindqvist".replace("Ada", &format!("Ada{}", letters(n))),
            3 => format!("Jörg{} Weißmüller", letters(n)),
            _ => format!("ada{}.lindqvist@contoso.com", letters(n)),
        })
        .collect();
    let subject = Subject::gather(&texts, None).expect("a subject");
    let started = spent();
    let matcher = Matcher::new(&subject).expect("an automaton");
    (matcher, (spent() - started) * 1000.0)
}

/// A number in letters, so that no name is a part of another.
fn letters(n: usize) -> String {
    format!("{n:02}")
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

/// Documents of runs, in the proportions of real ones: ids, times, a user, tags, signed addresses, JSON in strings.
fn documents(accents: bool, every: usize) -> Vec<String> {
    let mut dice = fastrand::Rng::with_seed(7);
    (0..DOCUMENTS)
        .map(|index| {
            let mut id = || format!("{:08x}-{:04x}-4000-8000-{:012x}", dice.u32(..), dice.u16(..), dice.u64(..1 << 48));
            let (user, snapshot, other) = (id(), id(), id());
            let hers = index % every == 0;
            let user = if hers && (index / every).is_multiple_of(4) {
                "5c1d0a2e-0000-4000-8000-000000000000".to_owned()
            } else {
                user
            };
            let tag = match index / every % 4 {
                1 if hers => "NWMxZDBhMmUtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw",
                2 if hers => "https://git.contoso.com/%7B5C1D0A2E-0000-4000-8000-000000000000%7D/x.git",
                3 if hers => r#"{\"user\": \"\\u0035c1d0a2e-0000-4000-8000-000000000000\"}"#,
                _ => "https://git.contoso.com/forecast/x.git",
            };
            let name = if accents { "Zoë Müller-Đorđević" } else { "Bo Quill" };
            format!(
                r#"{{"runNumber":{index},"rootRunId":"forecast_{index}","createdUtc":"2019-11-04T10:21:33.1234567+00:00","createdBy":{{"userObjectId":"{user}","userPuId":"10037FFE{index:08X}","userIdp":null,"userAltSecId":null,"userIss":"https://sts.windows.net/72f9/","userTenantId":"72f98bf-0000-41af-91ab-2d7cd011db47","userName":"{name}","upn":null}},"userId":"{user}","token":null,"tokenExpiryTimeUtc":null,"error":null,"warnings":null,"revision":9,"runUuid":"{other}","parentRunId":null,"status":"Completed","startTimeUtc":"2019-11-04T10:21:35.52+00:00","endTimeUtc":"2019-11-04T10:31:35.52+00:00","heartbeatEnabled":false,"options":{{"generateDataContainerIdIfNotSpecified":true}},"name":null,"dataContainerId":"dcid.forecast_{index}","description":"nightly forecast, all regions","hidden":false,"runType":"azureml.scriptrun","properties":{{"azureml.runsource":"experiment","ContentSnapshotId":"{snapshot}","ProcessInfoFile":"azureml-logs/process_info.json","azureml.git.repository_uri":"{tag}","azureml.git.branch":"master","settings":"{{\"args\": [\"--rate\", 0.1, \"--data\", \"/mnt/data/part-{index}\"], \"retries\": 3}}"}},"scriptName":"train.py","target":"cpu-cluster","tags":{{"stage":"nightly","region":"north"}},"inputDatasets":[],"outputDatasets":[],"logFiles":{{"azureml-logs/70_driver_log.txt":"https://store.blob.core.windows.net/azureml/ExperimentRun/dcid.forecast_{index}/azureml-logs/70_driver_log.txt?sv=2019-02-02&sr=b&sig=R4nd0m%2Fs1gn%2Bature{index}%3D&st=2019-11-04T10%3A21%3A35Z&se=2019-11-04T18%3A31%3A35Z&sp=r"}}}}"#
            )
        })
        .collect()
}
