//! From arguments to a person: the identifiers that were given, and what the person who asks should know about them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::connect::Connection;
use super::ending::Failure;
use super::resolve::Step;
use crate::report::{Event, Reporter};
use crate::subject::{Subject, SubjectError};

/// Who is looked for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Person")]
pub struct SubjectArgs {
    /// An identifier of the person: object id, e-mail address, PUID, alternative security id or display name, told apart by
    /// its shape or given as kind:value; repeatable
    #[arg(long, value_name = "ID")]
    pub subject: Vec<String>,
    /// The object id in the directory, which run history knows people by; repeatable
    #[arg(long, value_name = "GUID")]
    pub object_id: Vec<String>,
    /// Identifiers in a file, JSON or one a line, so that they need not stand in the shell's history; - is standard input
    #[arg(long, value_name = "FILE")]
    pub subject_file: Option<PathBuf>,
    /// Ask Microsoft Graph for the other identifiers of the person
    #[arg(long)]
    pub resolve: bool,
}

impl SubjectArgs {
    /// Whether anybody is named.
    pub(super) fn is_given(&self) -> bool {
        !self.subject.is_empty() || !self.object_id.is_empty() || self.subject_file.is_some()
    }

    /// The person.
    pub(super) fn gather(&self) -> anyhow::Result<Subject> {
        let mut texts = self.subject.clone();
        texts.extend(self.object_id.iter().map(|id| format!("object-id:{id}")));
        let file = self.subject_file.as_deref().map(read).transpose()?;
        Subject::gather(&texts, file.as_deref()).map_err(refused)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| {
        Failure::usage(format!(
            "the list of identifiers {} cannot be read: {error}",
            path.display()
        ))
    })
}

/// What is wrong with an identifier is a matter of the command line.
#[expect(clippy::needless_pass_by_value, reason = "it is what an error becomes")]
pub(super) fn refused(error: SubjectError) -> anyhow::Error {
    Failure::usage(error.to_string())
}

/// The person in words that name the kinds of identifiers and not the identifiers.
pub(super) fn words(subject: &Subject) -> String {
    let count = subject.identifiers().len();
    let mut forms: Vec<&str> = subject
        .identifiers()
        .iter()
        .map(|id| id.form.name())
        .collect();
    forms.dedup();
    format!(
        "{count} identifier{} ({})",
        if count == 1 { "" } else { "s" },
        forms.join(", ")
    )
}

/// The person, with what Microsoft Graph adds when it is asked, and what was asked there; and everything said that the person
/// who asks should know.
pub(super) async fn identify(
    args: &SubjectArgs,
    connection: &Connection,
    reporter: &Arc<dyn Reporter>,
) -> anyhow::Result<(Subject, Vec<Step>)> {
    let mut subject = args.gather()?;
    let resolved = if args.resolve {
        super::resolve::resolve(&mut subject, connection, reporter).await?
    } else {
        Vec::new()
    };
    for implied in subject.implied() {
        reporter.report(&Event::Said(format!(
            "one {} implies one {}, which is looked for as well",
            implied.given.form, implied.added.form
        )));
    }
    for advice in subject.advice() {
        // Who has asked the directory need not be told to.
        let advice = if args.resolve {
            advice.replace(", or let --resolve ask the directory", "")
        } else {
            advice
        };
        reporter.report(&Event::Said(advice));
    }
    Ok((subject, resolved))
}
