//! How fast a person is looked for: documents of runs as run history writes them, on one core, in memory. `cargo bench
//! --bench scan`.
//!
//! One document in a thousand holds the person, in one of several places and spellings, and the bench fails when one of them
//! is not found or when another one is. `full` is the worst case: every document is the person's. `file` is the text of the
//! same documents, fed in pieces of 64 KiB.
//!
//! Then how fast everybody else is masked, of 2,000 identifiers: `mask docs`, documents each of which names somebody in its
//! record and one in ten of which speaks of somebody else in a text; `mask log`, the lines of a training log, one in fifty of
//! which does. The bench fails when somebody survives, or when there are fewer spots than people in the text.
//!
//! Time is what the kernel says this thread spent on a processor, so that a busy machine does not count.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use aml_dsr::kinds::{self, Kind};
use aml_dsr::subject::mask::{Mask, People};
use aml_dsr::subject::{Identifier, Matcher, Subject};
use serde_json::json;

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
    drop(text);
    masked(kind);
}

/// People of four identifiers each.
const PEOPLE: usize = 500;
/// Lines of the log.
const LINES: usize = 200_000;

fn masked(kind: &Kind) {
    let started = spent();
    let mask = mask(kind);
    let build = (spent() - started) * 1000.0;

    let docs = documents(false, EVERY);
    let docs: Vec<String> = docs
        .iter()
        .enumerate()
        .map(|(index, doc)| {
            let who = somebody(index);
            let doc = doc.replace(
                r#""userName":"Bo Quill""#,
                &format!(r#""userName":"{}""#, who[1]),
            );
            if index.is_multiple_of(10) {
                let said = format!("asked by {}, see Users/{}/x.ipynb", who[2], who[3]);
                doc.replace("nightly forecast, all regions", &said)
            } else {
                doc
            }
        })
        .collect();
    let (mut spots, mut left) = (0, String::new());
    let started = spent();
    for doc in &docs {
        let masked = mask.json(kind, doc);
        spots += masked.spots.len();
        left = masked.text;
    }
    let seconds = spent() - started;
    assert!(
        spots >= docs.len() + docs.len() / 10 && !left.contains("Quill"),
        "{spots}: {left}"
    );
    let bytes: usize = docs.iter().map(String::len).sum();
    line("mask docs", 4 * PEOPLE, docs.len(), bytes, build, seconds);

    let log: String = (0..LINES).map(log_line).collect();
    let mut stream = mask.stream();
    let (mut spots, mut out) = (0, 0);
    let started = spent();
    for piece in log.as_bytes().chunks(64 * 1024) {
        out += stream.feed(piece).expect("text").len();
        spots += stream.spots().len();
    }
    out += stream.finish().expect("text").len();
    spots += stream.spots().len();
    let seconds = spent() - started;
    assert!(spots >= LINES / 50 && out > log.len() / 2, "{spots}");
    line("mask log", 4 * PEOPLE, LINES, log.len(), build, seconds);
}

/// Object id, name, mail, mailbox.
fn somebody(index: usize) -> [String; 4] {
    let number = index % PEOPLE;
    let mailbox = format!("bo{}.quill", three_letters(number));
    [
        format!("7d1d0a2e-0000-4000-8000-{number:012x}"),
        format!("Bo{} Quill", three_letters(number)),
        format!("{mailbox}@contoso.com"),
        mailbox,
    ]
}

/// A number in three letters.
fn three_letters(number: usize) -> String {
    format!("{number:03}")
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

fn mask(kind: &Kind) -> Mask {
    let subject = Identifier::parse("ada.lindqvist@contoso.com").expect("a mail");
    let mut people = People::new(&[subject]);
    for index in 0..PEOPLE {
        let [id, name, mail, _] = somebody(index);
        let record = json!({"userObjectId": id, "userName": name, "upn": mail, "userPuId": format!("10032000{index:08X}")});
        people.meet(kind, &json!({"createdBy": record}));
    }
    people.finish()
}

/// What a training writes: a time, a level, a module, numbers, paths, now and then an address or a progress bar.
fn log_line(index: usize) -> String {
    let (minute, second) = (index / 60 % 60, index % 60);
    let head = format!("2019-11-04 10:{minute:02}:{second:02},{:03}", index % 1000);
    if index.is_multiple_of(50) {
        let who = somebody(index / 50);
        return format!(
            "{head} INFO azureml.notify: mail to {} <{}>\n",
            who[1], who[2]
        );
    }
    match index % 5 {
        0 => format!(
            "{head} INFO azureml.train.driver: epoch {} of 200, loss 0.{:06}, val_loss 0.{:06}, lr 1e-4\n",
            index % 200,
            index * 7919 % 1_000_000,
            index * 104_729 % 1_000_000
        ),
        1 => format!(
            "{head} DEBUG azureml._file_utils.upload: uploading /mnt/batch/tasks/shared/LS_root/jobs/forecast/azureml/outputs/checkpoint-{index}.pt\n"
        ),
        2 => format!(
            "{head} WARNING urllib3.connectionpool: Retrying (Retry(total=2)) after connection broken: /api/v2.0/artifacts/ExperimentRun/dcid.forecast_{index}/batch?sv=2019-02-02&sig=R4nd0m%2Fs1gn%2Bature{index}%3D\n"
        ),
        3 => format!(
            "{:3}%|{}{}| {index}/{LINES} [00:{second:02}<01:12, 118.22it/s]\n",
            index % 100,
            "#".repeat(index % 40),
            " ".repeat(40 - index % 40)
        ),
        _ => format!(
            "{head} INFO mlflow.tracking.client: batch {index} {{\"loss\": 0.{:04}, \"path\": \"data/part-{:05}.parquet\", \"note\": \"d\\u00e9j\\u00e0 vu\"}}\n",
            index * 31 % 10_000,
            index % 4096
        ),
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
    let verdict = match rate {
        // What is handed over is one person's, and a small part of what is looked through: there is no goal for it.
        _ if case.starts_with("mask") => String::new(),
        rate if rate >= REACH => format!("{REACH} MiB/s: reached"),
        _ => format!("{REACH} MiB/s: MISSED"),
    };
    println!(
        "{case:<12} {identifiers:>11} {docs:>10} {size:>8.1} {build:>10.1} {rate:>10.0}  {verdict}"
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
