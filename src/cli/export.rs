//! `export`: walks a scope and writes a bag.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::commands::{ExportArgs, Format, ProgressStyle, Talk};
use super::connect::{self, Connection};
use super::elsewhere::Elsewhere;
use super::ending::{Ending, Failure};
use super::lines::{Lines, Loudness};
use super::summary::{Facts, Summary};
use super::take::Take;
use super::terminal::Terminal;
use super::{coverage, each, keep, person, report, screen, shard, share, summary};
use crate::bag::{BagInfo, Identity, Writer};
use crate::report::tally::Tally;
use crate::report::{All, Event, Reporter};
use crate::subject::Subject;
use crate::walk::{Roots, Store, WalkError, Walker, Wanted};
use crate::wire::{Fault, Wire};

pub(super) const TOOL: &str = concat!("aml-dsr ", env!("CARGO_PKG_VERSION"));

/// Runs it.
pub(super) async fn run(args: ExportArgs, talk: &Talk) -> anyhow::Result<Ending> {
    let wanted = Wanted::new(&args.kinds, !args.no_content, args.max_file_size).map_err(no_kind)?;
    let mut wanted = args.scope.naming(wanted);
    wanted.shard = shard::asked(&args, &|name| std::env::var(name).ok())?;
    let tally = Arc::new(Tally::default());
    let (screen, terminal) = listeners(talk);
    let reporter: Arc<dyn Reporter> =
        Arc::new(All(vec![Arc::clone(&tally) as Arc<dyn Reporter>, screen]));
    let stop = CancellationToken::new();
    let soon = CancellationToken::new();
    watch_for_interrupts(soon.clone(), stop.clone(), Arc::clone(&reporter));
    let started = (Instant::now(), OffsetDateTime::now_utc());
    let as_json = talk.format == Format::Json;
    let tell = |value: serde_json::Value| format!("{value:#}\n");
    let result = if args.bag_per_workspace {
        let ended = each::export(&args, &wanted, &reporter, (soon, stop), started).await;
        ended.map(|(each, ending)| {
            (
                if as_json {
                    tell(each.json())
                } else {
                    each.text()
                },
                ending,
            )
        })
    } else {
        let ended = export(&args, wanted, &tally, &reporter, (soon, stop), started).await;
        ended.map(|(summary, ending)| {
            let text = if as_json {
                tell(summary.json())
            } else {
                summary.text()
            };
            (text, ending)
        })
    };
    if let Some(terminal) = terminal {
        terminal.close();
    }
    let (text, ending) = result?;
    screen::data(&text);
    Ok(ending)
}

/// A name that no row has.
#[expect(clippy::needless_pass_by_value, reason = "it is what an error becomes")]
pub(super) fn no_kind(name: String) -> anyhow::Error {
    Failure::usage(format!(
        "there is no kind `{name}`; `aml-dsr kinds` lists them"
    ))
}

/// Who listens on the screen.
pub(super) fn listeners(talk: &Talk) -> (Arc<dyn Reporter>, Option<Arc<Terminal>>) {
    let loudness = match (talk.quiet, talk.verbose) {
        (true, _) => Loudness::Quiet,
        (_, true) => Loudness::Verbose,
        _ => Loudness::Usual,
    };
    let style = match talk.progress {
        ProgressStyle::Auto if talk.quiet => ProgressStyle::None,
        ProgressStyle::Auto if std::io::stderr().is_terminal() => ProgressStyle::Auto,
        ProgressStyle::Auto => ProgressStyle::Plain,
        style => style,
    };
    match style {
        ProgressStyle::Auto => {
            let terminal = Arc::new(Terminal::new(loudness));
            (Arc::clone(&terminal) as Arc<dyn Reporter>, Some(terminal))
        }
        ProgressStyle::Json => (Arc::new(Lines::new(loudness, true)), None),
        ProgressStyle::Plain => (Arc::new(Lines::new(loudness, false)), None),
        ProgressStyle::None => (Arc::new(Lines::new(Loudness::Quiet, false)), None),
    }
}

/// How long the pages under way may take to come to their end. A large file takes longer, and is gone on with later.
const GRACE: Duration = Duration::from_secs(8);

/// The first Ctrl-C (or SIGTERM) lets what is under way come to its end; the second ends at once.
pub(super) fn watch_for_interrupts(
    soon: CancellationToken,
    stop: CancellationToken,
    reporter: Arc<dyn Reporter>,
) {
    tokio::spawn(async move {
        let mut times = 0;
        while interrupted().await {
            times += 1;
            if times > 1 {
                #[expect(
                    clippy::exit,
                    reason = "the second Ctrl-C means: now; what was kept is on disk"
                )]
                std::process::exit(i32::from(Ending::Interrupted.code()));
            }
            reporter.report(&Event::Interrupted);
            soon.cancel();
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(GRACE).await;
                stop.cancel();
            });
        }
    });
}

#[cfg(unix)]
async fn interrupted() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return tokio::signal::ctrl_c().await.is_ok();
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        _ = terminate.recv() => true,
    }
}

#[cfg(not(unix))]
async fn interrupted() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

async fn export(
    args: &ExportArgs,
    wanted: Wanted,
    tally: &Arc<Tally>,
    reporter: &Arc<dyn Reporter>,
    (soon, stop): (CancellationToken, CancellationToken),
    started: (Instant, OffsetDateTime),
) -> anyhow::Result<(Summary, Ending)> {
    let connection =
        connect::open(&args.connection, &args.scope, Arc::clone(reporter), stop).await?;
    let subject = if args.person.is_given() {
        Some(person::identify(&args.person, &connection, reporter).await?)
    } else {
        None
    };
    let filter = args
        .filter
        .is_given()
        .then(|| args.filter.check(subject.is_none(), started.1))
        .transpose()?
        .map(Arc::new);
    let options = options(args, subject.as_ref().map(|(subject, _)| subject));
    let chosen = if subject.is_some() || filter.is_some() {
        Chosen::ToLookFor(subject, filter)
    } else {
        Chosen::All
    };
    let told = (tally, reporter);
    let result = export_over(
        args,
        wanted,
        &connection,
        chosen,
        options,
        told,
        soon,
        started,
    )
    .await?;
    if let Some(emulator) = connection.emulator {
        emulator.stop().await;
    }
    Ok(result)
}

/// What of a scope is exported.
pub(super) enum Chosen {
    All,
    /// A person, a selection, or both: everything is looked through for it first.
    ToLookFor(
        Option<(Subject, Vec<super::resolve::Step>)>,
        Option<Arc<super::filter::Filter>>,
    ),
    /// What was looked for before.
    Known(share::Handover),
}

/// Exports over a connection that stays open.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one thing of its own, and a struct of them would only be taken apart again"
)]
pub(super) async fn export_over(
    args: &ExportArgs,
    wanted: Wanted,
    connection: &Connection,
    chosen: Chosen,
    options: String,
    (tally, reporter): (&Arc<Tally>, &Arc<dyn Reporter>),
    soon: CancellationToken,
    started: (Instant, OffsetDateTime),
) -> anyhow::Result<(Summary, Ending)> {
    let identity = Identity {
        scope: format!("{}, in {}", connection.scope, connection.cloud),
        options: shard::option(&options, wanted.shard),
        tool: TOOL.to_owned(),
    };
    let mut writer = Writer::open(&args.output, &identity)?;
    if wanted.shard.is_some() {
        writer.be_part()?;
    }
    if let Some(resumed) = writer.resumed() {
        reporter.report(&Event::Said(format!(
            "going on with the unfinished export in {}: {} items and {} files are already there",
            args.output.display(),
            screen::count(resumed.items),
            screen::count(resumed.files)
        )));
    }
    let handover = match chosen {
        Chosen::All => None,
        Chosen::Known(handover) => Some(handover),
        Chosen::ToLookFor(subject, filter) => {
            let soon = soon.clone();
            let wanted = (subject, filter);
            match share::prepare(args, connection, reporter, soon, wanted, &mut writer).await {
                Ok(handover) => Some(handover),
                Err(error) => {
                    let nothing = writer.resumed().is_none() && writer.counts()?.is_empty();
                    drop(writer);
                    if nothing {
                        tidy(&args.output);
                    }
                    return Err(error);
                }
            }
        }
    };
    let Connection {
        wire,
        roots,
        scope,
        cloud,
        ..
    } = connection;
    let (store, thread) = keep::start(writer)?;
    let ended = match &handover {
        None => walk(wire, store, &wanted, soon, roots).await,
        Some(handover) => {
            let store = Arc::new(Take::new(store, Arc::clone(&handover.share)));
            walk(wire, store, &wanted, soon, roots).await
        }
    };
    let writer = tokio::task::spawn_blocking(move || thread.join()).await??;
    if let Err(error) = ended {
        let nothing = writer.resumed().is_none() && writer.counts()?.is_empty();
        drop(writer);
        if nothing {
            tidy(&args.output);
        }
        let kept = format!(
            "what was finished is kept in {}; the same command goes on from there",
            args.output.display()
        );
        return Err(explain(error, &kept));
    }
    if let Some(name) = wire.served_by() {
        reporter.report(&Event::Said(format!("signed in by {name}")));
    }
    let spots = handover
        .as_ref()
        .map_or(Ok(0), |handover| handover.write_log(&writer))?;
    let counts = writer.counts()?;
    let coverage = coverage::of(&counts, &wanted);
    let looked = handover.as_ref().map_or(0, |handover| handover.gaps);
    let gaps: u64 = counts.iter().map(|count| count.tally.gaps).sum();
    // What could not be read while looking may not be missed by the walk that fetches, and the other way round.
    let gaps = gaps.max(looked);
    let began = writer.began()?;
    let day = report::day(began)?;
    let facts = Facts {
        scope: scope.clone(),
        cloud: cloud.clone(),
        tool: TOOL.to_owned(),
        identity: wire.served_by(),
        began,
        started: started.1,
        requests: tally.requests(),
        waits: tally.waits(),
        waited: tally.sums().waited,
        content: !args.no_content,
        shard: wanted.shard,
    };
    let mut fields = summary::bag_info(args, &facts, gaps);
    let mut wholes = Vec::new();
    if let Some(handover) = &handover {
        fields.extend(handover.fields());
        wholes.extend(
            handover
                .json(args)
                .map(|json| ("subject.json".to_owned(), json)),
        );
    }
    let mut tags = vec![(
        "run.json".to_owned(),
        summary::run_json(&facts).into_bytes(),
    )];
    if let Some(part) = shard::Part::of(args, &facts, &fields, options, day) {
        tags.push(part.file());
    }
    let info = BagInfo {
        fields,
        wholes,
        coverage: coverage.iter().map(coverage::Row::line).collect(),
        readme: summary::readme(&facts.scope, facts.content, facts.shard, gaps),
        tags,
        pages: vec![Arc::new(Elsewhere), Arc::new(report::BagPage::of(day))],
    };
    let sealed = tokio::task::spawn_blocking(move || writer.finish(&info)).await??;
    let summary = Summary {
        facts,
        coverage,
        counts,
        sealed,
        took: started.0.elapsed(),
        output: args.output.clone(),
        handing_over: handover
            .map(|handover| handover.sentences(spots))
            .unwrap_or_default(),
    };
    Ok((summary, if gaps > 0 { Ending::Gaps } else { Ending::Done }))
}

/// Walks it all into a keeper.
async fn walk<S: Store>(
    wire: &Arc<Wire>,
    store: Arc<S>,
    wanted: &Wanted,
    soon: CancellationToken,
    roots: &Roots,
) -> Result<(), WalkError> {
    let ended = Walker::new(Arc::clone(wire), store, wanted.clone(), soon)
        .walk(roots)
        .await;
    if ended.is_err() {
        // Whatever is still under way would be thrown away in the end: nobody has to wait for it.
        wire.stop.cancel();
    }
    ended
}

/// What must be the same for an unfinished export to be gone on with.
pub(super) fn options(args: &ExportArgs, subject: Option<&Subject>) -> String {
    let mut kinds = args.kinds.clone();
    kinds.sort();
    let kinds = if kinds.is_empty() {
        "all".to_owned()
    } else {
        kinds.join(",")
    };
    let mut named = args.scope.capability_host.clone();
    named.sort();
    let named = if named.is_empty() {
        String::new()
    } else {
        format!(", capability hosts {}", named.join(","))
    };
    let content = match (args.no_content, args.max_file_size) {
        (true, _) => "no content".to_owned(),
        (_, Some(max)) => format!("files up to {max} bytes"),
        _ => "all content".to_owned(),
    };
    let world = &args.connection.world;
    let world = if args.connection.emulator {
        format!(
            ", emulated world {:?} {:?} seed {} runs {:?} workspaces {:?} of {}",
            world.world,
            world.specifications,
            world.seed,
            world.runs,
            world.workspaces,
            world.items
        )
    } else {
        String::new()
    };
    let person = subject.map_or_else(String::new, |subject| share::option(args, subject));
    let chosen = if args.filter.is_given() {
        format!(", chosen {:?}", args.filter)
    } else {
        String::new()
    };
    let version = args
        .connection
        .api_version
        .as_ref()
        .map_or_else(String::new, |version| format!(", API version {version}"));
    format!("kinds {kinds}{named}, {content}{person}{chosen}{version}{world}")
}

/// Takes away the state of an export that had not begun, so that a corrected command finds the directory empty.
fn tidy(output: &std::path::Path) {
    // What cannot be deleted is only in the way, and the next start says so.
    let _ = std::fs::remove_dir_all(output.join(".aml-dsr"));
    let _ = std::fs::remove_dir(output.join("data"));
    let _ = std::fs::remove_dir(output);
}

/// How the message begins that says so.
pub(super) const NOT_THERE: &str = "the workspace, registry or resource group is not there";

/// An error of the walk with what to do next.
pub(super) fn explain(error: WalkError, kept: &str) -> anyhow::Error {
    match &error {
        WalkError::Fault(Fault::Interrupted) => Failure {
            ending: Ending::Interrupted,
            message: format!("stopped on request; {kept}"),
        }
        .into(),
        WalkError::Fault(Fault::Absent { message, .. }) => Failure {
            ending: Ending::Usage,
            message: format!("{NOT_THERE} ({message}); check --subscription, -g and -w or --registry, or list them with `az ml workspace list` or `az ml registry list`"),
        }
        .into(),
        _ => error.into(),
    }
}
