//! Making a plan: look the workspace through, decide, find out what stands in the way, export, and write it down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt as _, stream};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::args::DeleteArgs;
use super::ground::Ground;
use super::held::HeldBag;
use super::survey::{self, Aims, Found};
use crate::cli::commands::{ExportArgs, ShareArgs};
use crate::cli::connect::Connection;
use crate::cli::ending::{Ending, Failure};
use crate::cli::export::{self, Chosen};
use crate::cli::filter::Filter;
use crate::cli::resolve::Step as Resolved;
use crate::cli::share::Handover;
use crate::cli::take::Share;
use crate::cli::{person, screen};
use crate::kinds::roots::{REGISTRIES, WORKSPACES, root_of_label};
use crate::kinds::{self, item::first};
use crate::plan::decide::Options;
use crate::plan::draft::{Draft, draft};
use crate::plan::finish::{Seen, Terms, finish};
use crate::plan::model::{Asked, Export, Plan, Step, Verb};
use crate::plan::{Refusal, fingerprint};
use crate::report::tally::Tally;
use crate::report::{Event, Reporter};
use crate::subject::Subject;
use crate::walk::Wanted;
use crate::wire::Change;
use crate::wire::guard::{self, May, Preflight, Standing};
use crate::wire::look::Looker;

/// Who listens, and who may stop it.
pub(super) struct Ears {
    pub tally: Arc<Tally>,
    pub reporter: Arc<dyn Reporter>,
    pub soon: CancellationToken,
    pub started: (Instant, OffsetDateTime),
}

/// Makes the plan. `out` is where it will be written: an export lies beside it.
pub(super) async fn propose(
    args: &DeleteArgs,
    connection: &Connection,
    ground: &Ground,
    out: &Path,
    ears: &Ears,
) -> anyhow::Result<Plan> {
    let workspace = &ground.scope.workspace;
    let said = |text: String| ears.reporter.report(&Event::Said(text));
    let bag = args
        .target
        .from
        .as_deref()
        .map(|path| HeldBag::open(path, &ground.scope))
        .transpose()?;
    let (subject, _): (Option<Subject>, Vec<Resolved>) = if args.person.is_given() {
        let (subject, resolved) =
            person::identify(&args.person, connection, &ears.reporter).await?;
        (Some(subject), resolved)
    } else {
        (None, Vec::new())
    };
    let filter = filter(args, subject.is_some(), bag.as_ref(), ground, ears)?;
    let targets = targets(args, subject.as_ref(), filter.as_deref());
    let mut options = Options {
        whole: args.target.whole(),
        soft: args.target.soft,
        max_items: args.limits.max_items,
        max_percent: args.limits.max_percent,
        held: bag.as_ref().map(|bag| bag.held.clone()),
        storage: first(&ground.doc, "properties/storageAccount")
            .and_then(|id| id.rsplit('/').next().map(str::to_owned)),
        ..Options::default()
    }
    .protecting(&args.limits.protect)
    .map_err(refused)?;
    if let Some(bag) = &bag
        && bag.masked
    {
        said("the bag was made to be handed over: items whose names hold somebody else's name stand there under a pseudonym, and are kept".to_owned());
    }
    said(format!(
        "looking the {} through for what is to be erased",
        root_of_label(workspace).one
    ));
    let aims = Aims {
        subject: subject.clone(),
        filter,
        named: args.target.include_item.clone(),
        whole: args.target.whole(),
    };
    let found = survey::survey(connection, aims, &options, &ears.soon).await?;
    said(found.words.clone());
    if found.beyond > 0 {
        return Err(refused(Refusal::TooMany {
            wanted: args.limits.max_items + 1 + found.beyond,
            allowed: args.limits.max_items,
        }));
    }
    let first_draft = draft(
        found.items.clone(),
        &found.rest,
        ground.scope.clone(),
        &options,
    )
    .map_err(refused)?;
    let preflight = guard::preflight(&connection.wire, &ground.scope.path).await;
    let one = root_of_label(workspace).one;
    let findings = findings(&preflight, &first_draft, one)?;
    let seen = look(connection, ground, &first_draft).await;
    let export = match &bag {
        Some(bag) => bag.export.clone(),
        None if args.export.without_export || first_draft.steps().next().is_none() => {
            Export::Without
        }
        None => {
            let bag = export_first(args, connection, &found, out, ears, ground).await?;
            options.held = Some(bag.held);
            bag.export
        }
    };
    let last = draft(found.items, &found.rest, ground.scope.clone(), &options).map_err(refused)?;
    let seen = last
        .steps()
        .filter_map(|step| Some((step.step, seen.get(&name(step))?.clone())))
        .collect();
    let terms = Terms {
        cloud: connection.cloud.clone(),
        asked: Asked {
            by: args.plan.requested_by.clone(),
            case: args.plan.case.clone(),
            reason: args.plan.reason.clone(),
            targets,
            subject: subject.map_or_else(Vec::new, |subject| {
                subject
                    .identifiers()
                    .iter()
                    .map(|id| (id.form.name().to_owned(), id.value.clone()))
                    .collect()
            }),
        },
        made: OffsetDateTime::now_utc(),
        valid_for: args.plan.valid_for,
        approvals: args.plan.require_approvals,
        export,
        findings,
    };
    finish(last, &seen, terms).map_err(refused)
}

/// A refusal, with its exit code.
#[expect(clippy::needless_pass_by_value, reason = "it is what an error becomes")]
pub(super) fn refused(refusal: Refusal) -> anyhow::Error {
    Failure {
        ending: Ending::Refused,
        message: refusal.to_string(),
    }
    .into()
}

/// What is chosen beside a person, or without one.
fn filter(
    args: &DeleteArgs,
    person: bool,
    bag: Option<&HeldBag>,
    ground: &Ground,
    ears: &Ears,
) -> anyhow::Result<Option<Arc<Filter>>> {
    let given = args.filter.is_given();
    let by_list = args.target.replay.is_some();
    let anything = person || given || bag.is_some() || by_list || args.target.whole();
    if !anything {
        return Err(Failure::usage(
            "say what to erase: --subject, --kind with --id, --experiment, --run, --older-than, --from BAG, --replay LIST, or --workspace for the whole one (--whole-registry for a registry)",
        ));
    }
    if !args.target.include_item.is_empty() && !person {
        return Err(Failure::usage(
            "--include-item names a find of a person; items are chosen by --kind and --id",
        ));
    }
    if let (Some(list), Some(key)) = (&args.target.replay, &args.target.replay_key) {
        if given || person {
            return Err(Failure::usage(
                "--replay erases what its list holds; leave out the person and the selection",
            ));
        }
        return super::replay::filter(list, key, ground).map(Some);
    }
    if given {
        return Ok(Some(Arc::new(args.filter.check(!person, ears.started.1)?)));
    }
    Ok(match bag {
        Some(bag) if !person => Some(Arc::new(bag.filter())),
        _ => None,
    })
}

fn targets(args: &DeleteArgs, subject: Option<&Subject>, filter: Option<&Filter>) -> Vec<String> {
    let mut targets = Vec::new();
    if let Some(subject) = subject {
        targets.push(format!("one person, by {}", person::words(subject)));
    }
    targets.extend(
        filter
            .into_iter()
            .flat_map(|filter| filter.in_words().to_vec()),
    );
    targets.extend(
        args.target
            .include_item
            .iter()
            .map(|name| format!("the candidate {name}")),
    );
    if args.target.whole() {
        let one = if args.target.whole_registry {
            REGISTRIES.one
        } else {
            WORKSPACES.one
        };
        targets.push(format!("the whole {one}"));
    }
    targets
}

fn name(step: &Step) -> (String, String) {
    (step.kind.clone(), step.id.clone())
}

/// What each item of the draft looks like now.
async fn look(
    connection: &Connection,
    ground: &Ground,
    draft: &Draft,
) -> BTreeMap<(String, String), Seen> {
    let looker = Looker::new(Arc::clone(&connection.wire), ground.hosts.clone());
    let at_once = connection.wire.settings.concurrency;
    stream::iter(draft.steps())
        .map(|step| async {
            let seen = match kinds::find(&step.kind) {
                None => Seen::Unread("its kind is unknown".to_owned()),
                Some(kind) => {
                    let at = &step.look;
                    let sight = looker
                        .see(
                            at.base,
                            &at.address,
                            at.body.as_deref(),
                            at.items.as_deref(),
                        )
                        .await;
                    match sight {
                        Ok(sight) => match fingerprint::seen(kind, step, sight) {
                            fingerprint::Seen::Gone => Seen::Gone,
                            fingerprint::Seen::Here { fingerprint, .. } => Seen::Here(fingerprint),
                        },
                        Err(fault) => Seen::Unread(screen::safe(&fault.to_string())),
                    }
                }
            };
            (name(step), seen)
        })
        .buffer_unordered(at_once)
        .collect()
        .await
}

/// What a reviewer should know, or why no plan is made: a lock that bars a step, a right that is missing.
fn findings(
    preflight: &Preflight,
    draft: &Draft,
    one: &'static str,
) -> anyhow::Result<Vec<String>> {
    judge(preflight, draft.steps(), one)
}

/// The same for the steps of a plan. `one` is the word for what the plan is about.
pub(super) fn judge<'a>(
    preflight: &Preflight,
    steps: impl Iterator<Item = &'a Step>,
    one: &'static str,
) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    let (mut barred, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        for call in &step.calls {
            let change = match call.verb {
                Verb::Delete => Change::Delete,
                Verb::Put => Change::Put,
                Verb::Post => Change::Post,
            };
            for lock in preflight.barred(change, call.base, &call.address) {
                barred.insert(format!("{} ({}, on {})", lock.name, lock.level, lock.scope));
            }
        }
        if let Some(action) = guard::action(&step.kind)
            && preflight.may(&action) == May::No
        {
            missing.insert(action);
        }
    }
    if !barred.is_empty() {
        let all: Vec<String> = barred.into_iter().collect();
        return Err(Failure {
            ending: Ending::Refused,
            message: format!(
                "nothing can be erased while it is locked by {}. Have whoever set the lock remove it, and make the plan again",
                all.join(", ")
            ),
        }
        .into());
    }
    if !missing.is_empty() {
        let all: Vec<String> = missing.into_iter().collect();
        return Err(Failure {
            ending: Ending::NoAccess,
            message: format!(
                "this identity has no role that may do {}. Ask for Contributor or Owner on the {one}, or leave out what it may not erase",
                all.join(", ")
            ),
        }
        .into());
    }
    match &preflight.locks {
        Ok(locks) if locks.is_empty() => {
            findings.push(format!("There is no lock on the {one} or above it."));
        }
        Ok(locks) => findings.extend(locks.iter().map(|lock| {
            format!(
                "The lock {} ({}) on {} bars no step of this plan.",
                lock.name, lock.level, lock.scope
            )
        })),
        Err(why) => findings.push(why.clone()),
    }
    match &preflight.permissions {
        Ok(_) => findings.push(
            "This identity has a role that may do every step whose right Azure names.".to_owned(),
        ),
        Err(why) => findings.push(why.clone()),
    }
    match &preflight.standing {
        Ok(Standing::Here) => {}
        Ok(Standing::Absent) => findings.push(format!("Lists do not name the {one}.")),
        Ok(Standing::Reserved { state }) => findings.push(format!(
            "Lists name the {one} although it cannot be had{}: it is soft-deleted, or stuck while it is deleted.",
            state.as_ref().map(|state| format!(" ({state})")).unwrap_or_default()
        )),
        Err(why) => findings.push(why.clone()),
    }
    Ok(findings)
}

/// Exports what is to be erased, as it is, and verifies the bag.
async fn export_first(
    args: &DeleteArgs,
    connection: &Connection,
    found: &Found,
    out: &Path,
    ears: &Ears,
    ground: &Ground,
) -> anyhow::Result<HeldBag> {
    let output = args
        .export
        .export_to
        .clone()
        .unwrap_or_else(|| super::beside(out, ".export"));
    ears.reporter.report(&Event::Said(format!(
        "exporting what is to be erased to {}, as it is: the controller's own copy, which must not be handed over",
        output.display()
    )));
    let export_args = ExportArgs {
        scope: args.scope.clone(),
        connection: args.connection.clone(),
        output: output.clone(),
        bag_per_workspace: false,
        person: person::SubjectArgs::default(),
        share: ShareArgs::unmasked(),
        filter: crate::cli::filter::FilterArgs::default(),
        kinds: Vec::new(),
        no_content: false,
        max_file_size: None,
        shard: None,
        source_organization: None,
        contact_name: None,
        contact_email: None,
    };
    let wanted = Wanted::new(&[], true, None).map_err(export::no_kind)?;
    let wanted = args.scope.naming(wanted);
    let chosen = if args.target.whole() {
        Chosen::All
    } else {
        Chosen::Known(Handover::of(
            Share::of(found.theirs.clone()),
            "what is to be erased".to_owned(),
            found.words.clone(),
        ))
    };
    let (summary, _) = export::export_over(
        &export_args,
        wanted,
        connection,
        chosen,
        format!("before erasure of {}", out.display()),
        (&ears.tally, &ears.reporter),
        ears.soon.clone(),
        ears.started,
    )
    .await?;
    ears.reporter.report(&Event::Said(format!(
        "exported {} items",
        screen::count(summary.items())
    )));
    tokio::task::block_in_place(|| HeldBag::open(&output, &ground.scope))
}
