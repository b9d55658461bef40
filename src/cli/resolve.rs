//! `--resolve`: asks Microsoft Graph for the other identifiers of a person, says what came of each question, and goes on
//! whatever that was: a directory that cannot be asked makes a find smaller, which has to be known, and not impossible.

mod judge;

use std::sync::Arc;

use super::connect::Connection;
use crate::report::{Event, Reporter};
use crate::subject::{Form, Identifier, Subject};
use crate::wire::Fault;
use crate::wire::graph::{Entry, Graph};

pub(super) use judge::Step;
use judge::{Door, Question, Reach, Status};

/// Adds what the directory knows, says each step, and tells the steps. It fails only where nothing else would work either.
pub(super) async fn resolve(
    subject: &mut Subject,
    connection: &Connection,
    reporter: &Arc<dyn Reporter>,
) -> anyhow::Result<Vec<Step>> {
    let say = |text: String| reporter.report(&Event::Said(text));
    let given = subject.identifiers().to_vec();
    let Some(graph) = Graph::open(&connection.wire).await? else {
        let why = "this cloud is not known to have a Microsoft Graph; give ARM_CLOUD_METADATA_URL, or the other identifiers";
        say(format!("nobody was asked for other identifiers: {why}"));
        return Ok(given
            .iter()
            .enumerate()
            .map(|(at, _)| Step::not_asked(at, "directory", why))
            .collect());
    };
    let mut desk = Asker {
        graph,
        shut: Vec::new(),
        over: None,
        say: &say,
    };
    let mut steps = Vec::new();
    let mut accounts: Vec<String> = Vec::new();
    for (at, identifier) in given.iter().enumerate() {
        let Some(questions) = judge::questions(identifier.form) else {
            steps.push(Step::not_asked(
                at,
                judge::no_question(identifier.form).0,
                judge::no_question(identifier.form).1,
            ));
            continue;
        };
        let mut asked = Vec::new();
        for question in questions {
            // Object ids are given once and never again, so that whoever has been found is not to be found elsewhere.
            let known = asked
                .iter()
                .any(|(_, entries): &(_, Vec<Entry>)| !entries.is_empty());
            if identifier.form == Form::ObjectId && known {
                break;
            }
            asked.push(desk.ask(at, *question, &identifier.value).await);
        }
        let (mut mine, text) = judge::take(subject, identifier.form, asked, &mut accounts);
        say(text);
        steps.append(&mut mine);
    }
    for text in judge::closing(&given, &steps, &accounts) {
        say(text);
    }
    Ok(steps)
}

/// Asks one question after another, until it is clear that asking is of no use.
struct Asker<'a> {
    graph: Graph,
    /// What the directory refused to show, which is not asked for again.
    shut: Vec<(Door, String)>,
    /// Why nothing more is asked.
    over: Option<(Status, String)>,
    say: &'a (dyn Fn(String) + Sync),
}

impl Asker<'_> {
    /// One question, and who was found. Each reason why a question has no answer is said once.
    async fn ask(&mut self, at: usize, question: Question, value: &str) -> (Step, Vec<Entry>) {
        if let Some((status, why)) = &self.over {
            return (Step::unanswered(at, question, *status, why), Vec::new());
        }
        if let Some((_, why)) = self.shut.iter().find(|(door, _)| *door == question.door()) {
            return (
                Step::unanswered(at, question, Status::Denied, why),
                Vec::new(),
            );
        }
        match self.send(question, value).await {
            Ok(entries) => (Step::answered(at, question, &entries), entries),
            Err(fault) => {
                let (status, why, reach) = judge::failure(&fault, question.door());
                (self.say)(format!(
                    "{}: {why}. Identifiers of the person may be missing, and with them what would be found by them",
                    question.words()
                ));
                let step = Step::unanswered(at, question, status, &why);
                match reach {
                    Reach::Question => {}
                    Reach::Door => self.shut.push((question.door(), why)),
                    Reach::Directory => self.over = Some((status, why)),
                }
                (step, Vec::new())
            }
        }
    }

    async fn send(&self, question: Question, value: &str) -> Result<Vec<Entry>, Fault> {
        let graph = &self.graph;
        Ok(match question {
            Question::User => graph.user(value).await?.into_iter().collect(),
            Question::UserNamed => graph.user_named(value).await?.into_iter().collect(),
            Question::UsersAt => graph.users_at(value).await?,
            Question::DeletedUser => graph.deleted_user(value).await?.into_iter().collect(),
            Question::DeletedUsersAt => graph.deleted_users_at(value).await?,
            Question::ServicePrincipal => {
                graph.service_principal(value).await?.into_iter().collect()
            }
        })
    }
}

/// What an entry of the directory says of a person, as identifiers. What has not the shape of one is left out: nobody could
/// look for it.
fn identifiers(entry: &Entry) -> Vec<Identifier> {
    let ids = std::iter::once(&entry.id).chain(&entry.app_id);
    ids.map(|id| (Form::ObjectId, id))
        .chain(entry.addresses.iter().map(|mail| (Form::Mail, mail)))
        .chain(entry.display_name.iter().map(|name| (Form::Name, name)))
        .filter_map(|(form, value)| Identifier::new(form, value).ok())
        .collect()
}
