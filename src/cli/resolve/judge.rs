//! What is asked about an identifier, and what an answer means. Pure: no identifier stands in any sentence or step.

use std::collections::BTreeSet;

use serde::Serialize;

use super::identifiers;
use crate::subject::{Form, Identifier, Subject};
use crate::wire::Fault;
use crate::wire::graph::Entry;

/// A question to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    User,
    UserNamed,
    UsersAt,
    DeletedUser,
    DeletedUsersAt,
    ServicePrincipal,
}

/// A part of the directory with a permission of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Users,
    Deleted,
    Principals,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum Status {
    Found,
    NotFound,
    /// Several people answer to one identifier, so nothing was taken.
    Ambiguous,
    Denied,
    Failed,
    NotAsked,
}

/// One question, and what came of it: for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Step {
    /// Which of the identifiers it was about, by its place in their list.
    pub identifier: usize,
    #[serde(rename = "step")]
    pub question: &'static str,
    pub status: Status,
    /// The form of each identifier that was added.
    pub added: Vec<Form>,
    /// Why there is no answer, or not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// How much a failure says about the questions to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Question,
    Door,
    Directory,
}

impl Question {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::User => "user by object id",
            Self::UserNamed => "user by principal name",
            Self::UsersAt => "users by address",
            Self::DeletedUser => "deleted user by object id",
            Self::DeletedUsersAt => "deleted users by address",
            Self::ServicePrincipal => "service principal by object id",
        }
    }

    pub(super) fn door(self) -> Door {
        match self {
            Self::User | Self::UserNamed | Self::UsersAt => Door::Users,
            Self::DeletedUser | Self::DeletedUsersAt => Door::Deleted,
            Self::ServicePrincipal => Door::Principals,
        }
    }
}

impl Door {
    /// The permission that opens it, by the pages of Microsoft Graph on each request.
    fn permission(self) -> &'static str {
        match self {
            Self::Users => {
                "the permission User.Read.All is missing (User.ReadBasic.All shows users too, without their other addresses)"
            }
            Self::Deleted => {
                "the permission User.Read.All for deleted users is missing; who signs in as a person also needs a role such as User Administrator"
            }
            Self::Principals => "the permission Application.Read.All is missing",
        }
    }
}

impl Step {
    pub(super) fn not_asked(identifier: usize, question: &'static str, why: &str) -> Self {
        Self {
            identifier,
            question,
            status: Status::NotAsked,
            added: Vec::new(),
            why: Some(why.to_owned()),
        }
    }

    pub(super) fn unanswered(
        identifier: usize,
        question: Question,
        status: Status,
        why: &str,
    ) -> Self {
        Self {
            status,
            ..Self::not_asked(identifier, question.words(), why)
        }
    }

    pub(super) fn answered(identifier: usize, question: Question, entries: &[Entry]) -> Self {
        let partly = entries.iter().any(|entry| !entry.complete);
        Self {
            identifier,
            question: question.words(),
            status: if entries.is_empty() {
                Status::NotFound
            } else {
                Status::Found
            },
            added: Vec::new(),
            why: partly.then(|| PARTLY.to_owned()),
        }
    }
}

const PARTLY: &str = "other addresses were not shown; the permission User.Read.All shows them";

/// What is asked about an identifier, in this order; nothing for a form by which the directory finds nobody.
pub(super) fn questions(form: Form) -> Option<&'static [Question]> {
    match form {
        Form::ObjectId => Some(&[
            Question::User,
            Question::DeletedUser,
            Question::ServicePrincipal,
        ]),
        Form::Mail => Some(&[
            Question::UserNamed,
            Question::UsersAt,
            Question::DeletedUsersAt,
        ]),
        Form::Name | Form::Puid | Form::AltSecId => None,
    }
}

/// Why nothing is asked about an identifier of such a form: the name of the step, and the reason.
pub(super) fn no_question(form: Form) -> (&'static str, &'static str) {
    match form {
        Form::Name => (
            "display name",
            "a display name is not looked up in the directory, since several people may have it",
        ),
        Form::Puid => ("PUID", "the directory finds nobody by a PUID"),
        _ => (
            "alternative security id",
            "the directory finds nobody by an alternative security id",
        ),
    }
}

/// What a failure means: the status, the reason, and for how much else it holds. The service's own words stay out of it,
/// since they name who was asked for.
pub(super) fn failure(fault: &Fault, door: Door) -> (Status, String, Reach) {
    match fault {
        Fault::SignIn(error) => (
            Status::Denied,
            format!(
                "no token for Microsoft Graph can be had ({})",
                error.to_string().replace('\n', " ").trim_end_matches('.')
            ),
            Reach::Directory,
        ),
        Fault::Denied { status: 401, .. } => (
            Status::Denied,
            "Microsoft Graph did not take the token (401)".to_owned(),
            Reach::Directory,
        ),
        Fault::Denied { status, .. } => (
            Status::Denied,
            format!(
                "Microsoft Graph refused the answer ({status}): {}",
                door.permission()
            ),
            Reach::Door,
        ),
        Fault::Absent { status, .. } | Fault::Service { status, .. } => (
            Status::Failed,
            format!("Microsoft Graph answered with {status}, which says nothing about the person"),
            Reach::Question,
        ),
        Fault::Malformed { .. }
        | Fault::TooLarge { .. }
        | Fault::Foreign { .. }
        | Fault::NotAllowed { .. } => (Status::Failed, fault.to_string(), Reach::Question),
        _ => (Status::Failed, fault.to_string(), Reach::Directory),
    }
}

/// Takes what was found for one identifier into the set, when it is one person; and says what came of it.
pub(super) fn take(
    subject: &mut Subject,
    form: Form,
    asked: Vec<(Step, Vec<Entry>)>,
    accounts: &mut Vec<String>,
) -> (Vec<Step>, String) {
    let people: BTreeSet<String> = asked
        .iter()
        .flat_map(|(_, entries)| entries)
        .map(|entry| entry.id.to_lowercase())
        .collect();
    let unanswered = asked
        .iter()
        .any(|(step, _)| matches!(step.status, Status::Denied | Status::Failed));
    let mut found = None;
    let mut steps = Vec::new();
    for (mut step, entries) in asked {
        if !entries.is_empty() && people.len() > 1 {
            step.status = Status::Ambiguous;
        } else if !entries.is_empty() {
            found.get_or_insert(step.question);
            for identifier in entries.iter().flat_map(identifiers) {
                let form = identifier.form;
                if subject.add(identifier) {
                    step.added.push(form);
                }
            }
        }
        steps.push(step);
    }
    let text = match (people.len(), found) {
        (2.., _) => format!(
            "Microsoft Graph knows {} different people by one {form} that was given, so nothing was added for it; give the object id of the person with --object-id",
            people.len()
        ),
        (_, Some(question)) => {
            accounts.extend(people);
            format!(
                "Microsoft Graph knows one {form} that was given ({question}): {}",
                added(&steps)
            )
        }
        _ if unanswered => format!(
            "whether Microsoft Graph knows one {form} that was given is not known; going on with what was given"
        ),
        _ => format!(
            "Microsoft Graph knows nobody by one {form} that was given; going on with what was given"
        ),
    };
    (steps, text)
}

fn added(steps: &[Step]) -> String {
    let forms: Vec<Form> = steps.iter().flat_map(|step| step.added.clone()).collect();
    let counts: Vec<String> = Form::ALL
        .into_iter()
        .filter_map(|form| {
            let count = forms.iter().filter(|one| **one == form).count();
            (count > 0).then(|| format!("{count} {form}"))
        })
        .collect();
    if counts.is_empty() {
        "nothing new".to_owned()
    } else {
        format!("added {}", counts.join(", "))
    }
}

/// What the person who asks should know when everything was asked.
pub(super) fn closing(given: &[Identifier], steps: &[Step], accounts: &[String]) -> Vec<String> {
    let mut said = Vec::new();
    if given.iter().all(|id| questions(id.form).is_none()) {
        let mut reasons: Vec<&str> = given.iter().map(|id| no_question(id.form).1).collect();
        reasons.dedup();
        said.push(format!(
            "Microsoft Graph was not asked: {}. Give an object id or an e-mail address",
            reasons.join("; ")
        ));
    }
    if steps
        .iter()
        .any(|step| step.status == Status::Found && step.why.is_some())
    {
        said.push(format!("Microsoft Graph: {PARTLY}"));
    }
    let accounts: BTreeSet<&String> = accounts.iter().collect();
    if accounts.len() > 1 {
        said.push(format!(
            "the identifiers that were given belong to {} accounts of the directory; all of them are looked for",
            accounts.len()
        ));
    }
    said
}

#[cfg(test)]
mod tests;
