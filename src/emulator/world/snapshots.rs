//! Snapshots: the source code that was submitted with runs, as listings of files. Several runs share one as long as nobody
//! changed a file in between, and modules of pipelines keep their code in the same way.

use super::contoso::{Stage, put};
use super::planter::sas_query;
use super::{Kind, Workspace};
use crate::emulator::mint::{Mint, utc};
use serde_json::{Map, Value, json};

/// How many runs that follow each other in an experiment were submitted without a change.
const SHARED_BY: usize = 6;

/// Names that break something: a field of the listing itself, signs of patterns and pointers, other letters.
const AWKWARD: [&str; 6] = [
    "config/sasUrl",
    "config/children/name",
    "data/100%~done #1.csv",
    "data/quo\"te\\d.txt",
    "src/\u{540d}\u{524d}.py",
    "src/ leading and trailing ",
];

/// The snapshot that a run names. The run of 2018 shares its own with nobody.
pub(crate) fn of_run(mint: Mint, place: &str, experiment: usize, at: usize, dawn: bool) -> String {
    if dawn {
        return mint.guid(&format!("{place} first snapshot"));
    }
    mint.guid(&format!("{place} snapshot {experiment} {}", at / SHARED_BY))
}

/// Makes the listings that runs and modules name. Run history keeps its runs for ever, and the code of the oldest was
/// cleared away.
pub(crate) fn fill(stage: &mut Stage<'_>, workspace: &mut Workspace) {
    let named = |kind: Kind, path: &str, wanted: fn(&Value) -> bool| -> Vec<String> {
        let rows = workspace.table(kind).living();
        rows.filter(|(_, item)| wanted(&item.doc))
            .filter_map(|(_, item)| item.doc.pointer(path)?.as_str().map(str::to_owned))
            .collect()
    };
    let mut ids = named(Kind::Runs, "/properties/ContentSnapshotId", |run| {
        !run["dataContainerId"].is_null()
    });
    ids.extend(named(
        Kind::Modules,
        "/Data/DataLocation/StorageId",
        |module| module["Data"]["DataLocation"]["StorageType"] == "Snapshot",
    ));
    let host = lent(stage, workspace);
    for (at, id) in ids.iter().enumerate() {
        if workspace.table(Kind::Snapshots).get(id).is_none() {
            let guest = stage.named("lars").mail();
            let left =
                (host.as_ref() == Some(id)).then(|| format!("notebooks/of {guest}/explore.ipynb"));
            let doc = written(stage, &workspace.name, id, at, left);
            put(workspace, Kind::Snapshots, id, "", doc);
        }
    }
}

/// The code of one of Jörg's runs, in whose directory somebody left a notebook who stands nowhere else.
fn lent(stage: &Stage<'_>, workspace: &Workspace) -> Option<String> {
    let (runs, owner) = (workspace.table(Kind::Runs), stage.named("joerg"));
    let mut theirs = runs
        .living()
        .filter(|(_, run)| run.doc["createdBy"]["userObjectId"] == owner.object_id.as_str());
    let (_, run) = theirs.next().filter(|_| runs.places() >= 100)?;
    let id = run.doc["properties"]["ContentSnapshotId"].as_str()?;
    Some(id.to_owned())
}

fn written(stage: &mut Stage<'_>, place: &str, id: &str, at: usize, left: Option<String>) -> Value {
    let mut paths = vec![
        "train.py".to_owned(),
        ".amlignore".to_owned(),
        "requirements.txt".to_owned(),
        format!("notebooks/{}.ipynb", stage.person(at).name),
        // What ends an address here goes on as the name of a file does.
        format!("notebooks/review by {}.md", stage.person(at + 3).mail()),
        format!("Users/{}/explore.ipynb", stage.person(at + 5).key),
    ];
    paths.extend(left);
    paths.extend(AWKWARD[at % 3..].iter().map(|name| (*name).to_owned()));
    let mut doc = listing(stage.mint, id, &paths);
    // Whatever the service could hand out a link to counts as a secret, asked for or not.
    for path in paths.iter().map(String::as_str).chain([ZIP]) {
        let _ = stage.planter.sas(&label(place, id, path));
    }
    // A listing needs no links, and the node has a field for one: some carry it all the same.
    if at % 5 == 2 {
        doc["root"] = linked(&doc["root"], &|path| {
            link(stage.mint, &stage.origins.blob, place, id, path)
        });
    }
    doc
}

/// The zip of a whole snapshot stands beside its files under a name that no file has.
pub(crate) const ZIP: &str = "/zip";

fn label(place: &str, id: &str, path: &str) -> String {
    format!("sas of snapshot {place}/{id}/{path}")
}

/// A link to a file of a snapshot, or to the zip of all. The signature is real; the bytes of submitted code are no part of
/// this world, so the storage account knows nothing there.
pub(crate) fn link(mint: Mint, base: &str, place: &str, id: &str, path: &str) -> String {
    let signature = mint.planted(&label(place, id, path));
    let name: Vec<String> = path.split('/').map(crate::emulator::page::encode).collect();
    format!(
        "{base}/{place}/snapshots/{id}/{}?{}",
        name.join("/").trim_start_matches('/'),
        sas_query(&signature, "2099-12-31T23:59:59Z")
    )
}

/// The listing of these paths.
pub(crate) fn listing(mint: Mint, id: &str, paths: &[String]) -> Value {
    let mut root = node(mint, id, "", true);
    for path in paths {
        let mut here = &mut root;
        let mut so_far = String::new();
        for name in path.split('/') {
            so_far = format!("{so_far}/{name}");
            let directory = so_far.len() <= path.len();
            if here["children"].get(name).is_none() {
                here["children"][name] = node(mint, &format!("{id}{so_far}"), name, directory);
            }
            here = &mut here["children"][name];
        }
    }
    json!({"id": id, "root": root})
}

fn node(mint: Mint, label: &str, name: &str, directory: bool) -> Value {
    // A digest of SHA-512, as the client makes them.
    let hash: String = (0..8)
        .map(|part| mint.hex(&format!("hash {part} of {label}")))
        .collect();
    let size = mint.below(&format!("size of {label}"), 20_000);
    let day = i64::try_from(mint.below(&format!("day of {label}"), 1_000)).unwrap_or(0);
    json!({
        "name": name,
        "hash": hash,
        "type": if directory { "Directory" } else { "File" },
        "timestamp": utc(1_540_000_000 + day * 86_400, 3),
        "sasUrl": null,
        "sizeBytes": if directory { Value::Null } else { json!(size) },
        "children": {},
    })
}

/// The same tree with a link at every file.
pub(crate) fn linked(root: &Value, link: &dyn Fn(&str) -> String) -> Value {
    fn go(node: &Value, path: &str, link: &dyn Fn(&str) -> String) -> Value {
        let mut node = node.clone();
        if node["type"] == "File" {
            node["sasUrl"] = link(path.trim_start_matches('/')).into();
        }
        if let Some(children) = node["children"].as_object() {
            let with: Map<String, Value> = children
                .iter()
                .map(|(name, child)| (name.clone(), go(child, &format!("{path}/{name}"), link)))
                .collect();
            node["children"] = Value::Object(with);
        }
        node
    }
    go(root, "", link)
}
