//! Before one person's things are handed over: everything is looked through once, for what is theirs and for everybody else.

use std::collections::HashSet;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::closure::{Key, Theirs, key};
use super::commands::{ExportArgs, Include};
use super::connect::Connection;
use super::ending::Failure;
use super::filter::Filter;
use super::find::{self, Looked};
use super::look::{Aim, Hit, Seen};
use super::paths::Paths;
use super::person;
use super::resolve::Step;
use super::screen::count;
use super::spots::{self, private};
use super::take::Share;
use crate::bag::{Found, FoundAt, Settled, Writer};
use crate::report::{Event, Reporter};
use crate::subject::mask::{Mask, People};
use crate::subject::{Place, Strength, Subject};
use crate::walk::Wanted;

/// The last steps of fields that say who made something, as opposed to who changed it, was assigned to it or is spoken of.
const MAKERS: [&str; 4] = ["createdby", "creator", "owner", "userid"];

/// What is handed over, ready for the walk that fetches it.
pub(super) struct Handover {
    pub share: Arc<Share>,
    /// The person, when one was asked for.
    pub subject: Option<Subject>,
    /// What was chosen beside the person or without one, in words.
    pub chosen: Vec<String>,
    /// What the directory was asked about the person.
    pub resolved: Vec<Step>,
    /// What was looked through.
    pub words: String,
    /// Gaps of that look: what could not be read may hold more of theirs.
    pub gaps: u64,
    pub exact: usize,
    pub candidates: usize,
    /// Where it is written who stands for whom.
    pub key: Option<PathBuf>,
}

/// A person with what the directory said, a selection, or both.
pub(super) type Wanting = (Option<(Subject, Vec<Step>)>, Option<Arc<Filter>>);

/// Looks everything through and decides. Nothing is fetched for the bag yet.
pub(super) async fn prepare(
    args: &ExportArgs,
    connection: &Connection,
    reporter: &Arc<dyn Reporter>,
    soon: CancellationToken,
    (subject, filter): Wanting,
    writer: &mut Writer,
) -> anyhow::Result<Handover> {
    let (subject, resolved) = subject.map_or((None, Vec::new()), |(subject, resolved)| {
        (Some(subject), resolved)
    });
    let wanted =
        Wanted::new(&args.kinds, args.share.scan_content, None).map_err(super::export::no_kind)?;
    let wanted = args.scope.naming(wanted);
    let masking = subject.is_some() && !args.share.no_mask;
    let chosen = filter
        .as_ref()
        .map(|filter| filter.in_words().to_vec())
        .unwrap_or_default();
    let aim = Aim {
        matcher: subject.as_ref().map(find::matcher).transpose()?,
        filter,
        scan: (subject.is_some() && args.share.scan_content).then_some(find::SCAN),
        others: subject
            .as_ref()
            .filter(|_| masking)
            .map(|subject| People::new(subject.identifiers())),
        roll: false,
    };
    reporter.report(&Event::Said(
        if masking {
            "looking everything through for the person, and for everybody else"
        } else {
            "looking everything through for what was asked for"
        }
        .to_owned(),
    ));
    let mut looked = find::look(connection, &wanted, aim, soon).await?;
    let mut hits = std::mem::take(&mut looked.seen.hits);
    hits.retain(|hit| hit.selected);
    let counted: Vec<&Hit> = hits.iter().filter(|hit| counts(hit, args)).collect();
    let exact = hits
        .iter()
        .filter(|hit| hit.strength() == Strength::Exact)
        .count();
    let words = looked.words();
    reporter.report(&Event::Said(format!(
        "{words} Found exactly in {}, as a candidate in {}; {} are handed over with what belongs to them",
        count(exact as u64),
        count((hits.len() - exact) as u64),
        count(counted.len() as u64),
    )));
    let theirs = theirs(&looked.seen, &counted);
    let found = hits
        .iter()
        .map(|hit| (key(&hit.workspace, hit.kind.name, &hit.id), found(hit)))
        .collect();
    let mask = looked.seen.others.take().map(People::finish);
    let key = masking.then(|| key_path(args)).transpose()?;
    if let (Some(path), Some(mask)) = (&key, &mask) {
        agree(mask, args, writer, reporter)?;
        write_key(path, mask)?;
        // It is written at the end. That it cannot be is better known now.
        private(&spots::beside(path))?;
    }
    let names = writer.names()?;
    let Looked { gaps, .. } = looked;
    Ok(Handover {
        share: Arc::new(Share {
            theirs,
            found,
            mask: mask.map(|mask| &*Box::leak(Box::new(mask))),
            unmaskable: args.share.include_unmaskable,
            spots: Mutex::default(),
            survey: None,
            paths: Mutex::new(Paths::of(&names)),
        }),
        gaps,
        words,
        exact,
        candidates: hits.len() - exact,
        key,
        subject,
        chosen,
        resolved,
    })
}

/// Sees to it that one pseudonym is one person in the whole bag. Somebody may have come to the workspace since the half that is
/// there was written, or left it, and the numbers would mean somebody else from here on: then all of it is fetched again,
/// since nobody could tell the halves apart later.
fn agree(
    mask: &Mask,
    args: &ExportArgs,
    writer: &mut Writer,
    reporter: &Arc<dyn Reporter>,
) -> anyhow::Result<()> {
    const WHO: &str = "who stands for whom";
    let who = mask.fingerprint();
    if writer.settle_on(WHO, &who)? == Settled::Otherwise {
        reporter.report(&Event::Said(format!(
            "the people of the workspace are not those of the unfinished export in {}, so pseudonyms would not mean the same in \
             its two halves: what was there is dropped, and everything is fetched anew",
            args.output.display()
        )));
        writer.begin_anew(WHO, &who)?;
    }
    Ok(())
}

/// Whether a find is one that is handed over.
fn counts(hit: &Hit, args: &ExportArgs) -> bool {
    if args.share.portability {
        return hit.matches.iter().any(|one| match one.place {
            Place::Identity { role } if one.strength == Strength::Exact => made_by(role),
            _ => false,
        });
    }
    hit.strength() == Strength::Exact || args.share.include.contains(&Include::Candidates)
}

/// Whether an identity field says who made the item.
fn made_by(role: &str) -> bool {
    role.split('/')
        .any(|step| MAKERS.contains(&step.to_ascii_lowercase().as_str()))
}

/// What is theirs: what was found, and everything that belongs to it.
pub(super) fn theirs(seen: &Seen, chosen: &[&Hit]) -> Theirs {
    let of = |hit: &Hit| key(&hit.workspace, hit.kind.name, &hit.id);
    let ways: HashSet<Key> = chosen
        .iter()
        .filter_map(|hit| {
            let (kind, id) = hit.parent.as_ref()?;
            Some(key(&hit.workspace, kind, id))
        })
        .collect();
    Theirs {
        items: seen.links.reach(chosen.iter().map(|hit| of(hit))),
        ways,
    }
}

/// How an item was found, for the inventory.
fn found(hit: &Hit) -> Found {
    let mut fields: Vec<FoundAt> = hit
        .matches
        .iter()
        .map(|one| FoundAt {
            pointer: one.pointer.clone(),
            form: one.form.name().to_owned(),
            place: match one.place {
                Place::Identity { .. } => "identity",
                Place::Text => "text",
                Place::Key => "key",
                Place::Name => "name",
                Place::Content => "content",
            }
            .to_owned(),
        })
        .collect();
    fields.extend(
        hit.content
            .iter()
            .flat_map(|report| &report.matches)
            .map(|one| FoundAt {
                pointer: format!("line {}", one.line),
                form: one.form.name().to_owned(),
                place: "content".to_owned(),
            }),
    );
    Found {
        strength: match hit.strength() {
            Strength::Exact => "exact",
            Strength::Candidate => "candidate",
        },
        fields,
    }
}

/// Where it is written who stands for whom: beside the bag, and never in it.
fn key_path(args: &ExportArgs) -> anyhow::Result<PathBuf> {
    let path = args.share.pseudonym_key.clone().unwrap_or_else(|| {
        let mut name = args.output.as_os_str().to_owned();
        name.push(".pseudonyms.jsonl");
        PathBuf::from(name)
    });
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute(&path).starts_with(absolute(&args.output)) {
        return Err(Failure::usage(format!(
            "{} lies in the bag, and who stands for whom must not be handed over with it; give another --pseudonym-key",
            path.display()
        )));
    }
    Ok(path)
}

fn write_key(path: &Path, mask: &Mask) -> anyhow::Result<()> {
    let mut to = BufWriter::new(private(path)?);
    for (pseudonym, form, original) in mask.key() {
        let line = json!({"pseudonym": pseudonym, "form": form, "original": original});
        writeln!(to, "{line}")?;
    }
    to.flush()?;
    Ok(())
}

impl Handover {
    /// What was looked for before, as it is.
    pub(super) fn of(share: Share, chosen: String, words: String) -> Self {
        let exact = share.theirs.items.len();
        Self {
            share: Arc::new(share),
            subject: None,
            chosen: vec![chosen],
            resolved: Vec::new(),
            words,
            gaps: 0,
            exact,
            candidates: 0,
            key: None,
        }
    }

    /// What the bag says about the person and about the others: `data/subject.json`.
    pub(super) fn json(&self, args: &ExportArgs) -> Option<Vec<u8>> {
        let identifiers: Vec<_> = self
            .subject
            .as_ref()?
            .identifiers()
            .iter()
            .map(|id| json!({"form": id.form, "value": id.value}))
            .collect();
        let value = json!({
            "identifiers": identifiers,
            "resolved": self.resolved,
            "portability": args.share.portability,
            "candidates": args.share.include.contains(&Include::Candidates),
            "masked": self.share.mask.is_some(),
            "content_scanned": args.share.scan_content,
            "found": {"exact": self.exact, "candidates": self.candidates},
            "looked_at": self.words,
        });
        Some(format!("{value:#}\n").into_bytes())
    }

    /// Writes the log of every masked spot, of all runs that the export took, and says how many those are.
    pub(super) fn write_log(&self, writer: &Writer) -> anyhow::Result<u64> {
        self.key
            .as_deref()
            .map_or(Ok(0), |key| spots::write(key, writer))
    }

    /// What a person has to know who hands the bag over.
    pub(super) fn sentences(&self, spots: u64) -> Vec<String> {
        let Some(subject) = &self.subject else {
            return vec![format!(
                "A selection: {}. {} items were chosen; what belongs to them is here too. {}",
                self.chosen.join(", "),
                count(self.exact as u64),
                self.words
            )];
        };
        let found = format!(
            "One person, by {}: found exactly in {} items, as a candidate in {}. {}",
            person::words(subject),
            count(self.exact as u64),
            count(self.candidates as u64),
            self.words
        );
        let masked = match &self.key {
            Some(key) => format!(
                "Everybody else stands under a pseudonym, in {} places. Who stands for whom is in {}: keep it, and do not hand it over.",
                count(spots),
                key.display()
            ),
            None => "NOT MASKED: the bag holds personal data of other people and must not be handed over.".to_owned(),
        };
        let mut said = vec![found, masked];
        if self.exact == 0 && self.candidates > 0 {
            said.push("Only candidates were found: look at them with `aml-dsr find`, and export those that are theirs with --include candidates.".to_owned());
        }
        said
    }

    /// Fields of `bag-info.txt`. No identifier stands in them, since the file is read by whoever moves the bag.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let chosen = (!self.chosen.is_empty())
            .then(|| ("Aml-Dsr-Selection".to_owned(), self.chosen.join(", ")));
        let Some(subject) = &self.subject else {
            return chosen.into_iter().collect();
        };
        let masking = if self.share.mask.is_some() {
            "everybody else stands under a pseudonym"
        } else {
            "NOT MASKED: it holds personal data of other people and must not be handed over"
        };
        let mut fields = vec![
            (
                "Aml-Dsr-Subject".to_owned(),
                format!("one person, by {}", person::words(subject)),
            ),
            ("Aml-Dsr-Masking".to_owned(), masking.to_owned()),
        ];
        fields.extend(chosen);
        fields
    }
}

/// What must be the same for an unfinished export of a person to be gone on with: the identifiers themselves are in no
/// state, only a number made of them.
/// It is the set that counts, with what the directory added: another answer of the directory makes another bag.
pub(super) fn option(args: &ExportArgs, subject: &Subject) -> String {
    let number = key("subject", "", &subject.canonical());
    let share = &args.share;
    format!(
        ", one person {number:032x}, candidates {}, portability {}, masked {}, unmaskable {}, content scanned {}, resolved {}",
        share.include.contains(&Include::Candidates),
        share.portability,
        !share.no_mask,
        share.include_unmaskable,
        share.scan_content,
        args.person.resolve,
    )
}
