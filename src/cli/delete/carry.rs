//! Carrying a plan out: what opens it, the run itself, and the proof that is left.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::args::DeleteArgs;
use super::ground::{self, Ground};
use super::propose::{Ears, judge, refused};
use super::survey;
use crate::cli::commands::{Format, Talk};
use crate::cli::connect::Connection;
use crate::cli::ending::{Ending, Failure};
use crate::cli::{export, report, screen};
use crate::kinds::roots::root_of_label;
use crate::plan::apply::{self, Actor, Applied, Halt, Hands, Options};
use crate::plan::around::Around;
use crate::plan::folder::{self, Folder};
use crate::plan::model::{Becomes, Outcome, Plan, State};
use crate::plan::open::Here;
use crate::plan::receipt::{Facts, Journal, receipt};
use crate::plan::sign::SigningKey;
use crate::plan::{approve, finish, journal, open, replay, state};
use crate::render;
use crate::report::Event;
use crate::wire::guard;

/// Who said that it may begin.
pub(super) enum Said {
    /// The first characters of the digest, on the command line.
    Digest(String),
    /// Nobody yet: the name of the workspace has to be typed.
    Nothing,
}

/// The approvals of a plan lie beside it.
pub(super) fn approvals_of(path: &Path) -> std::path::PathBuf {
    super::beside(path, ".approvals.jsonl")
}

/// Reads a file that need not be there.
pub(super) fn read_or_empty(path: &Path) -> anyhow::Result<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::usage(format!(
            "{} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Carries out the plan in this file.
pub(super) async fn carry(
    args: &DeleteArgs,
    connection: &Connection,
    path: &Path,
    bytes: &[u8],
    said: Said,
    (ears, talk): (&Ears, &Talk),
) -> anyhow::Result<Ending> {
    let read = open::read(bytes).map_err(refused)?;
    if let Said::Digest(digest) = &said {
        open::confirm(&read, digest).map_err(refused)?;
    }
    let folder = Folder::of(path)?;
    let past = std::fs::read(folder.file(folder::JOURNAL)).ok();
    let begun = past.is_some();
    let closed = past
        .as_deref()
        .and_then(|text| journal::read(text, &read.digest).ok())
        .is_some_and(|past| past.closed);
    let applied = closed && folder.file(folder::RECEIPT).is_file();
    let ground = ground::ground_of(connection, &read, begun).await?;
    let here = Here {
        scope: &ground.scope,
        cloud: &connection.cloud,
        now: OffsetDateTime::now_utc(),
        applied,
    };
    let plan = open::open(bytes, here).map_err(refused)?;
    let approvals = approve::read(&plan.digest, &read_or_empty(&approvals_of(path))?)
        .map_err(refused)?
        .0;
    approve::enough(&plan, &approvals, args.plan.require_approvals).map_err(refused)?;
    let signing = signing_key(args)?;
    let preflight = guard::preflight(&connection.wire, &plan.scope.path).await;
    let root = root_of_label(&plan.scope.workspace);
    judge(
        &preflight,
        plan.waves.iter().flat_map(|wave| &wave.steps),
        root.one,
    )?;
    if matches!(said, Said::Nothing) {
        let (one, name) = (root.one, root.name_of(&plan.scope.workspace));
        let question = format!(
            "To carry this plan out, type the name of the {one} ({name}); anything else leaves everything as it is:"
        );
        if !super::ask::name_typed(&question, name) {
            return Err(Failure {
                ending: Ending::Refused,
                message: format!(
                    "that was not the name of the {one}, so nothing was erased. The plan stays in {}",
                    path.display()
                ),
            }
            .into());
        }
    }
    folder.claim(bytes)?;
    let mut chance = [0; crate::plan::keyed::LENGTH];
    aws_lc_rs::rand::fill(&mut chance)
        .map_err(|_| anyhow::anyhow!("this machine gives no random bytes for a key"))?;
    let key = folder.key(chance)?;
    let around = around(connection, &ground, &folder, &ears.soon).await?;
    let (pen, past) = journal::open(&folder.file(folder::JOURNAL), &plan.digest)?;
    if past.opened > 0 {
        ears.reporter.report(&Event::Said(format!(
            "going on with this plan: {} of its steps have an end already",
            past.steps
                .values()
                .filter(|tried| tried.ended.is_some())
                .count()
        )));
    }
    let hands = Hands::new(&connection.wire, &ground.hosts, &plan).map_err(|error| Failure {
        ending: Ending::Refused,
        message: error.to_string(),
    })?;
    let total: usize = plan.waves.iter().map(|wave| wave.steps.len()).sum();
    let reporter = Arc::clone(&ears.reporter);
    let names: BTreeMap<u32, String> = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .map(|step| (step.step, format!("{}/{}", step.kind, step.id)))
        .collect();
    let heard = move |outcome: &Outcome| {
        // A thousand good ends are a number at the end; each other one is said at once.
        if !outcome.state.is_good() {
            reporter.report(&Event::Said(format!(
                "step {} of {total}, {}: {}",
                outcome.step,
                names.get(&outcome.step).map_or("", String::as_str),
                state::words(&outcome.state)
            )));
        }
    };
    let options = Options {
        concurrency: connection.wire.settings.concurrency,
        patience: Duration::from_secs(args.plan.patience),
        ..Options::default()
    };
    let actor = Actor {
        tool: export::TOOL.to_owned(),
        identity: connection.wire.served_by(),
    };
    let applied = apply::apply(
        &plan,
        &hands,
        (&pen, &past),
        actor,
        &options,
        &ears.soon,
        &heard,
    )
    .await;
    let written = pen.written();
    drop(pen);
    if let Some(halt) = &applied.halt {
        return Err(halted(halt, &applied, total, path));
    }
    let ended = finish::written(OffsetDateTime::now_utc()).map_err(refused)?;
    let since = began(&folder, &ended)?;
    let names: Vec<String> = approve::counted(&plan, &approvals)
        .iter()
        .map(|one| one.by.clone())
        .collect();
    let proof = receipt(
        &plan,
        &applied.outcomes,
        &Facts {
            tool: export::TOOL,
            began: &since,
            ended: &ended,
            journal: Journal {
                lines: past.lines + written.lines,
                last: written.last,
            },
            approvals: &names,
            responsible: args.receipt.responsible.as_deref(),
            around: &around,
            public_key: signing.as_ref().map(|key| key.public().fingerprint()),
        },
        &key,
    );
    let list = replay::replay(&plan, &applied.outcomes, &ended, &key);
    folder.prove(&proof, &list, signing.as_ref())?;
    let mut page = Vec::new();
    render::receipt(&proof, report::language(args.receipt.language), &mut page)?;
    folder.put(folder::PAGE, &page)?;
    let ending = ending(&plan, &applied.outcomes);
    tell(&plan, &applied.outcomes, &folder, talk, ending);
    Ok(ending)
}

fn signing_key(args: &DeleteArgs) -> anyhow::Result<Option<SigningKey>> {
    let Some(path) = &args.receipt.signing_key else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "the signing key {} cannot be read: {error}",
            path.display()
        ))
    })?;
    let key = SigningKey::parse(&text)
        .map_err(|error| Failure::usage(format!("{} signs nothing: {error}", path.display())))?;
    Ok(Some(key))
}

/// What lies around the workspace, as it was seen before the first step: afterwards there may be nobody to ask.
async fn around(
    connection: &Connection,
    ground: &Ground,
    folder: &Folder,
    soon: &CancellationToken,
) -> anyhow::Result<Around> {
    if let Ok(bytes) = std::fs::read(folder.file(folder::AROUND))
        && let Ok(around) = serde_json::from_slice(&bytes)
    {
        return Ok(around);
    }
    let mut around = Around::default();
    if !ground.doc.is_null() {
        for (kind, doc) in survey::telling(connection, soon).await? {
            around.note(kind, &doc);
        }
    }
    folder.put(folder::AROUND, &serde_json::to_vec_pretty(&around)?)?;
    Ok(around)
}

/// When the plan was first begun, by its journal.
fn began(folder: &Folder, ended: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(folder.file(folder::JOURNAL))?;
    let first: serde_json::Value =
        serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap_or_default();
    Ok(first["at"].as_str().unwrap_or(ended).to_owned())
}

/// Why a run ended before the plan did.
fn halted(halt: &Halt, applied: &Applied, total: usize, path: &Path) -> anyhow::Error {
    let done = format!(
        "{} of {total} steps have an end; the same command goes on from there: the plan is {}",
        applied.outcomes.len(),
        path.display()
    );
    let (ending, message) = match halt {
        Halt::Stopped => (Ending::Interrupted, format!("stopped on request; {done}")),
        Halt::Fault(why) | Halt::Journal(why) => (Ending::Unexpected, format!("{why}; {done}")),
    };
    Failure { ending, message }.into()
}

/// Whether all came as the plan said. What the plan only takes off a list leaves its data where it was, as it said.
fn ending(plan: &Plan, outcomes: &[Outcome]) -> Ending {
    let unregistered: std::collections::BTreeSet<u32> = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .filter(|step| step.becomes == Becomes::Unregistered)
        .map(|step| step.step)
        .collect();
    let good = outcomes.iter().all(|one| match &one.state {
        State::BytesRemain { .. } => unregistered.contains(&one.step),
        state => state.is_good(),
    });
    if good && plan.inventory.gaps == 0 {
        Ending::Done
    } else {
        Ending::Gaps
    }
}

fn tell(plan: &Plan, outcomes: &[Outcome], folder: &Folder, talk: &Talk, ending: Ending) {
    let steps: BTreeMap<u32, &str> = plan
        .waves
        .iter()
        .flat_map(|wave| &wave.steps)
        .map(|step| (step.step, step.kind.as_str()))
        .collect();
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for one in outcomes {
        let kind = steps.get(&one.step).copied().unwrap_or_default();
        *counts
            .entry((kind, state::short(&one.state).to_owned()))
            .or_default() += 1;
    }
    let page = folder.file(folder::PAGE);
    if talk.format == Format::Json {
        let counts: Vec<_> = counts
            .iter()
            .map(|((kind, state), items)| serde_json::json!({"kind": kind, "state": state, "items": items}))
            .collect();
        let value = serde_json::json!({
            "plan": plan.digest,
            "ended": if ending == Ending::Done { "as planned" } else { "not wholly as planned" },
            "counts": counts,
            "receipt": folder.file(folder::RECEIPT).display().to_string(),
            "folder": folder.root().display().to_string(),
            "key": folder.key_path().display().to_string(),
        });
        screen::data(&format!("{value:#}\n"));
        return;
    }
    let mut out = String::new();
    for ((kind, state), items) in &counts {
        let _ = writeln!(out, "{:<30} {:>8}  {state}", kind, screen::count(*items));
    }
    if ending == Ending::Done {
        let _ = writeln!(out, "\nEverything ended as the plan said.");
    } else {
        let _ = writeln!(
            out,
            "\nNot everything ended as the plan said, or not everything could be looked at: the receipt says what, and why."
        );
    }
    let _ = writeln!(
        out,
        "The receipt is {}, and for reading {}.\nWhat it names by hashes can be told with the key {}, which is not part of it: keep it apart.",
        folder.file(folder::RECEIPT).display(),
        page.display(),
        folder.key_path().display()
    );
    screen::data(&out);
}
