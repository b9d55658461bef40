//! `--bag-per-workspace`: a folder with a bag for each workspace of the scope, each complete in itself. A bag that is finished
//! is left as it is, so that the same command goes on with the workspaces that are missing.

mod folder;
mod told;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::commands::ExportArgs;
use super::connect::{self, Connection};
use super::ending::{self, Ending, Failure};
use super::export::{self, Chosen};
use super::scope::{self, Scope};
use super::{person, screen};
use crate::bag::names::{self, Role};
use crate::bag::{Bag, BagError};
use crate::kinds::roots::WORKSPACES;
use crate::report::tally::Tally;
use crate::report::{All, Event, Reporter, Severity};
use crate::walk::{self, Counted, Roots, WalkError, Wanted};
use crate::wire::Fault;
use folder::Folder;
pub(super) use told::Each;
use told::Row;

/// Exports every workspace of the scope into a bag of its own.
pub(super) async fn export(
    args: &ExportArgs,
    wanted: &Wanted,
    reporter: &Arc<dyn Reporter>,
    (soon, stop): (CancellationToken, CancellationToken),
    started: (Instant, OffsetDateTime),
) -> anyhow::Result<(Each, Ending)> {
    if args.share.pseudonym_key.is_some() {
        return Err(Failure::usage(
            "--pseudonym-key names one file, and each bag of --bag-per-workspace has pseudonyms of its own, written beside it; \
             leave out one of them",
        ));
    }
    if args.scope.registry.is_some() {
        return Err(Failure::usage(
            "--bag-per-workspace makes bags of workspaces, and --registry names none; leave out one of them",
        ));
    }
    let connection =
        connect::open(&args.connection, &args.scope, Arc::clone(reporter), stop).await?;
    let person = if args.person.is_given() {
        Some(person::identify(&args.person, &connection, reporter).await?)
    } else {
        None
    };
    let filter = args
        .filter
        .is_given()
        .then(|| args.filter.check(person.is_none(), started.1))
        .transpose()?
        .map(Arc::new);
    let options = export::options(args, person.as_ref().map(|(subject, _)| subject));
    let chosen = || {
        if person.is_some() || filter.is_some() {
            Chosen::ToLookFor(person.clone(), filter.clone())
        } else {
            Chosen::All
        }
    };
    let census = walk::census(&connection.wire, &connection.roots, &[&WORKSPACES])
        .await
        .map_err(|error| export::explain(error, "nothing was written"))?;
    let gaps = census.remarks.iter().any(|remark| is_gap(&remark.gap));
    if census.found.is_empty() && !gaps {
        return Err(Failure::usage(
            "no workspace is visible there. Check the scope that is named, and whether you have a role on the workspaces: without \
             one they are not listed. A registry has no bag of --bag-per-workspace: take each with --registry",
        ));
    }
    let scope = scope::without_registries(&connection.scope);
    let folder = Folder::claim(&args.output, &scope, &connection.cloud, &options)?;
    let mut each = Each {
        scope,
        output: args.output.clone(),
        rows: Vec::with_capacity(census.found.len()),
        remarks: census.remarks.into_iter().map(|one| one.gap).collect(),
        took: started.0.elapsed(),
    };
    for gap in &each.remarks {
        reporter.report(&Event::Missing(gap.clone()));
    }
    let mut worst = if gaps { Ending::Gaps } else { Ending::Done };
    for counted in census.found {
        let one = One {
            args,
            wanted,
            connection: &connection,
            reporter,
            options: &options,
            soon: &soon,
        };
        match one.export(counted, chosen()).await {
            Ok(row) => {
                worst = ending::worse(worst, row.ending);
                each.rows.push(row);
            }
            Err(error) => {
                folder.write(&each, false)?;
                return Err(error);
            }
        }
    }
    folder.write(&each, true)?;
    each.took = started.0.elapsed();
    if let Some(emulator) = connection.emulator {
        emulator.stop().await;
    }
    Ok((each, worst))
}

fn is_gap(gap: &crate::report::Gap) -> bool {
    gap.severity == Severity::Gap
}

/// What the export of each workspace has in common.
struct One<'a> {
    args: &'a ExportArgs,
    wanted: &'a Wanted,
    connection: &'a Connection,
    reporter: &'a Arc<dyn Reporter>,
    options: &'a str,
    soon: &'a CancellationToken,
}

impl One<'_> {
    /// One workspace into its bag. An error is one after which the others could not be had either.
    async fn export(&self, counted: Counted, chosen: Chosen) -> anyhow::Result<Row> {
        let Counted { label, shown } = counted;
        let segment = names::segment(Role::Dir, &names::without_secrets(&label));
        let output = self.args.output.join(&segment);
        let scope = Scope::Workspace {
            subscription: shown.subscription.clone(),
            resource_group: shown.group.clone(),
            name: shown.name.clone(),
        }
        .to_string();
        let row = Row {
            id: shown.path(),
            label,
            folder: segment,
            ending: Ending::Done,
            items: None,
            gaps: 0,
            before: false,
            reason: None,
        };
        match finished(&output, &scope) {
            Ok(None) => {}
            Ok(Some(gaps)) => {
                return Ok(Row {
                    ending: if gaps > 0 { Ending::Gaps } else { Ending::Done },
                    gaps,
                    before: true,
                    ..row
                });
            }
            Err(error) if ends_everything(&error) => return Err(error),
            Err(error) => return Ok(self.without(row, &error, None)),
        }
        let tally = Arc::new(Tally::default());
        let reporter: Arc<dyn Reporter> = Arc::new(All(vec![
            Arc::clone(&tally) as Arc<dyn Reporter>,
            Arc::clone(self.reporter),
        ]));
        // An export that fails stops its wire, and must not stop that of the next one.
        let stop = self.connection.wire.stop.child_token();
        let wire = self.connection.wire.beside(Arc::clone(&reporter), stop)?;
        let connection = Connection {
            wire: Arc::new(wire),
            roots: Roots::One {
                root: &WORKSPACES,
                subscription: shown.subscription,
                group: shown.group,
                name: shown.name,
            },
            typed: self.connection.typed.clone(),
            scope,
            cloud: self.connection.cloud.clone(),
            emulator: None,
        };
        let args = ExportArgs {
            output,
            ..self.args.clone()
        };
        let ended = export::export_over(
            &args,
            self.wanted.clone(),
            &connection,
            chosen,
            self.options.to_owned(),
            (&tally, &reporter),
            self.soon.clone(),
            (Instant::now(), OffsetDateTime::now_utc()),
        )
        .await;
        match ended {
            Ok((summary, ending)) => Ok(Row {
                ending,
                items: Some(summary.items()),
                gaps: summary.gaps(),
                ..row
            }),
            Err(error) if ends_everything(&error) => Err(error),
            Err(error) => Ok(self.without(row, &error, shown.state.as_deref())),
        }
    }

    /// The row of a workspace that has no bag, and why.
    fn without(&self, row: Row, error: &anyhow::Error, state: Option<&str>) -> Row {
        let mut ending = ending::of(error);
        let mut reason = screen::safe(&format!("{error:#}"));
        if reason.starts_with(export::NOT_THERE) {
            // A list shows it, so that something is missing and nothing was mistyped.
            ending = Ending::Gaps;
            reason = walk::gone(&WORKSPACES, state);
        }
        self.reporter.report(&Event::Said(format!(
            "{} was not exported: {reason}",
            row.label
        )));
        Row {
            ending,
            gaps: 1,
            reason: Some(reason),
            ..row
        }
    }
}

/// How many gaps a finished bag of this workspace has; nothing where there is none yet.
fn finished(output: &Path, scope: &str) -> anyhow::Result<Option<u64>> {
    let bag = match Bag::open(output) {
        Ok(bag) => bag,
        Err(BagError::NotABag { .. } | BagError::Unfinished { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let held = bag.info("Aml-Dsr-Scope").unwrap_or_default();
    if !held.eq_ignore_ascii_case(scope) {
        return Err(Failure::usage(format!(
            "{} holds a bag of another scope ({}); choose another directory",
            output.display(),
            screen::safe(held)
        )));
    }
    let complete = bag.info("Aml-Dsr-Complete").unwrap_or_default();
    if complete == "complete" {
        return Ok(Some(0));
    }
    let gaps = complete
        .split_whitespace()
        .find_map(|word| word.parse().ok())
        .unwrap_or(1);
    Ok(Some(gaps))
}

/// Errors that are not about one workspace.
fn ends_everything(error: &anyhow::Error) -> bool {
    if let Some(error) = error.downcast_ref::<BagError>() {
        return !error.is_refusal();
    }
    let fault = match error.downcast_ref::<WalkError>() {
        Some(WalkError::Fault(fault)) => Some(fault),
        Some(WalkError::Store(_)) => return true,
        _ => error.downcast_ref::<Fault>(),
    };
    fault.is_some_and(Fault::is_final)
        || matches!(
            ending::of(error),
            Ending::Interrupted | Ending::Unexpected if fault.is_none()
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_one_workspace_does_not_end_the_others() {
        let denied = Fault::Denied {
            host: "h".to_owned(),
            path: "p".to_owned(),
            status: 403,
            code: None,
            message: String::new(),
            request_id: None,
        };
        assert!(!ends_everything(&WalkError::Fault(denied).into()));
        assert!(ends_everything(
            &WalkError::Fault(Fault::Interrupted).into()
        ));
        let stopped = Failure {
            ending: Ending::Interrupted,
            message: String::new(),
        };
        assert!(ends_everything(&stopped.into()));
        let foreign = BagError::NotOurs {
            dir: std::path::PathBuf::new(),
            found: String::new(),
        };
        assert!(!ends_everything(&foreign.into()));
    }
}
