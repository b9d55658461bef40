//! `delete`: a plan of what is erased is made, shown, confirmed and carried out, and a receipt says what came of it.

mod args;
mod ask;
mod carry;
mod ground;
mod held;
mod propose;
mod replay;
mod survey;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use time::OffsetDateTime;
use time::macros::format_description;
use tokio_util::sync::CancellationToken;

pub(super) use args::DeleteArgs;
pub(super) use survey::Survey;

use self::carry::Said;
use self::propose::{Ears, refused};
use super::commands::{Format, Talk};
use super::ending::{Ending, Failure};
use super::{connect, export, screen};
use crate::kinds::roots::root_of_label;
use crate::kinds::version::FIRST_WITH_PURGE;
use crate::plan::{approve, finish, open, show};
use crate::report::tally::Tally;
use crate::report::{All, Reporter};

/// A file beside another, with another end to its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

/// Runs it.
pub(super) async fn run(args: DeleteArgs, talk: &Talk) -> anyhow::Result<Ending> {
    if let Some(path) = &args.plan.plan {
        let bytes = std::fs::read(path).map_err(|error| {
            Failure::usage(format!(
                "the plan {} cannot be read: {error}",
                path.display()
            ))
        })?;
        if args.plan.show {
            return shown(&bytes, talk);
        }
        if let Some(name) = &args.plan.approve {
            return approved(&args, path, &bytes, name);
        }
    }
    // Nobody who named a scope of several should hear of anything else first.
    if args.scope.is_of_several() {
        return Err(Failure::usage(ground::ONE));
    }
    if let Some(version) = &args.connection.api_version
        && version.as_str() < FIRST_WITH_PURGE
    {
        return Err(Failure::usage(format!(
            "version {version} of the resource manager knows no erasure of a workspace that is at once and for good: name {FIRST_WITH_PURGE} or a later one"
        )));
    }
    let said = args
        .plan
        .confirm
        .clone()
        .map_or(Said::Nothing, Said::Digest);
    if !args.plan.dry_run && matches!(said, Said::Nothing) && !ask::is_there_somebody() {
        return Err(Failure {
            ending: Ending::Refused,
            message: "there is no terminal at which the name of what is erased could be typed, so nothing is erased. Make a plan with --dry-run --plan-out FILE, have it read, and carry it out with --plan FILE --confirm DIGEST".to_owned(),
        }
        .into());
    }
    let tally = Arc::new(Tally::default());
    let (screen, terminal) = export::listeners(talk);
    let reporter: Arc<dyn Reporter> =
        Arc::new(All(vec![Arc::clone(&tally) as Arc<dyn Reporter>, screen]));
    let (soon, stop) = (CancellationToken::new(), CancellationToken::new());
    export::watch_for_interrupts(soon.clone(), stop.clone(), Arc::clone(&reporter));
    let ears = Ears {
        tally,
        reporter: Arc::clone(&reporter),
        soon,
        started: (Instant::now(), OffsetDateTime::now_utc()),
    };
    let connection = connect::open(&args.connection, &args.scope, reporter, stop).await?;
    let close = || {
        if let Some(terminal) = &terminal {
            terminal.close();
        }
    };
    let ended = work(&args, &connection, said, (&ears, talk), &close).await;
    close();
    if let Some(emulator) = connection.emulator {
        emulator.stop().await;
    }
    ended
}

/// Makes a plan and carries it out, or one of the two.
async fn work(
    args: &DeleteArgs,
    connection: &connect::Connection,
    said: Said,
    (ears, talk): (&Ears, &Talk),
    close: &dyn Fn(),
) -> anyhow::Result<Ending> {
    if let Some(path) = &args.plan.plan {
        let bytes = std::fs::read(path)?;
        if matches!(said, Said::Nothing) {
            screen::data(&show::show(&open::read(&bytes).map_err(refused)?));
            close();
        }
        return carry::carry(args, connection, path, &bytes, said, (ears, talk)).await;
    }
    let ground = ground::ground(connection).await?;
    let out = match &args.plan.plan_out {
        Some(path) => path.clone(),
        None => named(&ground.scope.workspace, ears.started.1)?,
    };
    if out.exists() {
        return Err(Failure::usage(format!(
            "{} is there already; give another --plan-out",
            out.display()
        )));
    }
    let plan = propose::propose(args, connection, &ground, &out, ears).await?;
    let bytes = finish::write(&plan).map_err(refused)?;
    put(&out, &bytes)?;
    close();
    match talk.format {
        Format::Json => screen::data(&String::from_utf8_lossy(&bytes)),
        _ => screen::data(&show::show(&plan)),
    };
    let whole = if plan.inventory.gaps > 0 {
        Ending::Gaps
    } else {
        Ending::Done
    };
    screen::talk(&format!("the plan is {}", out.display()));
    if args.plan.dry_run || plan.waves.is_empty() {
        return Ok(whole);
    }
    carry::carry(args, connection, &out, &bytes, said, (ears, talk)).await
}

/// The name of a plan that was given none.
fn named(workspace: &str, now: OffsetDateTime) -> anyhow::Result<PathBuf> {
    let workspace = root_of_label(workspace).name_of(workspace);
    let form = format_description!("[year][month][day]-[hour][minute][second]");
    Ok(PathBuf::from(format!(
        "erase-{workspace}-{}.json",
        now.format(form)?
    )))
}

/// A new file that only its owner can read: a plan names people.
fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| {
        Failure::usage(format!("{} cannot be written: {error}", path.display()))
    })?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

/// Prints a plan for a reviewer; it may have expired.
fn shown(bytes: &[u8], talk: &Talk) -> anyhow::Result<Ending> {
    let plan = open::read(bytes).map_err(refused)?;
    match talk.format {
        Format::Json => screen::data(&String::from_utf8_lossy(bytes)),
        _ => screen::data(&show::show(&plan)),
    };
    Ok(Ending::Done)
}

/// Adds an approval beside the plan. Who approves says by its digest which plan was read.
fn approved(args: &DeleteArgs, path: &Path, bytes: &[u8], name: &str) -> anyhow::Result<Ending> {
    let plan = open::read(bytes).map_err(refused)?;
    let Some(digest) = &args.plan.confirm else {
        return Err(Failure::usage(
            "say with --confirm which plan was read: the first eight characters of its digest, which --show prints",
        ));
    };
    open::confirm(&plan, digest).map_err(refused)?;
    let beside = carry::approvals_of(path);
    let before = carry::read_or_empty(&beside)?;
    let line =
        approve::approve(&plan, &before, name, OffsetDateTime::now_utc()).map_err(refused)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    screen::data(&format!(
        "approved by {name}: the plan with the digest {}\n",
        plan.digest
    ));
    Ok(Ending::Done)
}
