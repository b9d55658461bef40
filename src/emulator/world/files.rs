//! Artifacts and their bytes. The awkward names are the point: each of them breaks some file system, some URL or some
//! careless join.

use super::contoso::Stage;
use super::planter::blob_label;
use super::runs::{Book, Era, Note};
use super::{Blob, Item, Kind, Workspace};
use crate::emulator::mint::{Mint, stir, utc};
use bytes::Bytes;
use serde_json::json;

/// Name, and what is special about its bytes.
const AWKWARD: [&str; 30] = [
    "outputs/a name with spaces.csv",
    "outputs/100%.txt",
    "outputs/%41 literal percent.txt",
    "outputs/hash#tag.txt",
    "outputs/what?.txt",
    "outputs/time 12:30:59.log",
    "outputs/a..b",
    "outputs/...",
    "outputs/CON",
    "outputs/aux.txt",
    "outputs/NUL/inner.txt",
    "outputs/trailing dot.",
    "outputs/trailing space ",
    "outputs/caf\u{e9}.txt",
    "outputs/cafe\u{301}.txt",
    "outputs/Report.txt",
    "outputs/report.txt",
    "outputs/x",
    "outputs/x/y",
    "outputs/empty.bin",
    "../../escape.txt",
    "/leading/slash.txt",
    "outputs/back\\slash.txt",
    "outputs/quo\"te'<>|*.txt",
    "outputs/plus+and&amp=1.txt",
    "outputs/\u{65e5}\u{672c}\u{8a9e}.json",
    "outputs/double//slash.txt",
    "outputs/./dot.txt",
    "outputs/tab\tname.txt",
    "outputs/model/weights.bin",
];

pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace, book: &Book) {
    for note in &book.notes {
        let log = if note.era == Era::Second {
            "user_logs/std_log.txt"
        } else {
            "azureml-logs/70_driver_log.txt"
        };
        let words = format!(
            "run {} started\nepoch 1 loss 0.5\nepoch 2 loss 0.25\ndone\n",
            note.run_id
        );
        plain(stage, workspace, note, log, words.into_bytes());
        let result = json!({"run": note.run_id, "accuracy": 0.9}).to_string();
        plain(
            stage,
            workspace,
            note,
            "outputs/result.json",
            result.into_bytes(),
        );
        if note.at % 4 == 0 {
            plain(
                stage,
                workspace,
                note,
                "outputs/model.pkl",
                noise(stage.mint, &note.run_id, 2_000),
            );
        }
        if note.at % 7 == 0 {
            plain(
                stage,
                workspace,
                note,
                "logs/azureml/info.log",
                b"nothing to report\n".to_vec(),
            );
        }
    }
    // One run carries all of the awkward names, another the large and the odd blobs.
    if let Some(note) = book.notes.iter().find(|note| note.era == Era::First) {
        for name in AWKWARD {
            let bytes = if name.ends_with("empty.bin") {
                Vec::new()
            } else {
                format!("the bytes of {name}\n").into_bytes()
            };
            plain(stage, workspace, note, name, bytes);
        }
        let long = format!("outputs/{}.txt", "l".repeat(246));
        plain(stage, workspace, note, &long, b"a long name\n".to_vec());
    }
    if let Some(note) = book.notes.iter().find(|note| note.era == Era::Second) {
        plain(
            stage,
            workspace,
            note,
            "outputs/three-mebibytes.bin",
            noise(stage.mint, "three", 3 * 1024 * 1024),
        );
        // A gzip header and stored bytes: whoever unpacks this on the way has not kept what was stored.
        let packed: &[u8] = &[
            0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 5, 0, 0xfa, 0xff, b'h', b'e', b'l', b'l', b'o',
            0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0,
        ];
        add(
            stage,
            workspace,
            note,
            "outputs/packed.log",
            Some(Blob {
                bytes: Bytes::copy_from_slice(packed),
                content_type: "text/plain",
                encoding: Some("gzip"),
                with_md5: true,
            }),
        );
        add(stage, workspace, note, "outputs/blob-is-gone.txt", None);
    }
    uploads(stage, workspace);
}

/// Files that belong to no run: registered models and notebooks.
fn uploads(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let container = format!("200304T010203-{}", &stage.mint.hex(&workspace.name)[..8]);
    let note = Note {
        run_id: String::new(),
        container,
        era: Era::Second,
        at: 0,
    };
    for name in [
        "churn-model/model.pkl",
        "churn-model/score.py",
        "Users/ada/explore.ipynb",
    ] {
        place(
            stage,
            workspace,
            "LocalUpload",
            &note,
            name,
            Some(Blob {
                bytes: Bytes::from(format!("upload {name}\n")),
                content_type: "application/octet-stream",
                encoding: None,
                with_md5: true,
            }),
        );
    }
}

fn plain(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    note: &Note,
    path: &str,
    bytes: Vec<u8>,
) {
    let text = matches!(path.rsplit_once('.'), Some((_, "txt" | "log")));
    let with_md5 = note.at.is_multiple_of(2);
    add(
        stage,
        workspace,
        note,
        path,
        Some(Blob {
            bytes: Bytes::from(bytes),
            content_type: if text {
                "text/plain"
            } else {
                "application/octet-stream"
            },
            encoding: None,
            with_md5,
        }),
    );
}

fn add(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    note: &Note,
    path: &str,
    blob: Option<Blob>,
) {
    place(stage, workspace, "ExperimentRun", note, path, blob);
}

fn place(
    stage: &mut Stage<'_>,
    workspace: &mut Workspace,
    origin: &str,
    note: &Note,
    path: &str,
    blob: Option<Blob>,
) {
    let container = &note.container;
    let id = format!("{origin}/{container}/{path}");
    // Asking once makes the signature of the link known to the list of secrets.
    stage
        .planter
        .secret(&blob_label(&format!("{}/{id}", workspace.name)));
    let doc = json!({
        "artifactId": id,
        "origin": origin,
        "container": container,
        "path": path,
        "etag": format!("\"0x{}\"", stage.mint.hex(&id).to_uppercase()),
        "createdTime": utc(1_550_000_000 + i64::try_from(note.at).unwrap_or(0) * 600_000, 123),
        "dataPath": {"dataStoreName": "workspaceartifactstore", "relativePath": id},
        "tags": {},
    });
    let mut item = Item::new(id, format!("{origin}/{container}"), doc);
    item.blob = blob;
    workspace.add(Kind::Artifacts, item);
}

/// Bytes that do not compress and do not repeat.
fn noise(mint: Mint, label: &str, length: usize) -> Vec<u8> {
    let mut state = mint.number(label);
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        state = stir(state);
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(length);
    out
}
