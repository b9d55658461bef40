//! Who stands where: the emulator's own search for people, by which the search of others is judged. It is plain on purpose:
//! every run of letters and digits that begins some identifier is tried against a table of all identifiers, together with
//! the runs that follow it.

mod faces;

use super::hub::Hub;
use super::people;
use super::text;
use super::truth::{self, Content, Row};
use super::world::Home;
use super::world::people::Form;
use bytes::Bytes;
use faces::{faces, fold};
use futures_util::stream::Stream;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

/// All identifiers of all people, folded.
struct Index {
    keys: Vec<String>,
    /// Whose an identifier is, and as what. Two people may share a name.
    needles: HashMap<String, Vec<(usize, Form)>>,
    /// The runs that identifiers begin with, which spares looking further at all other words.
    beginnings: HashSet<String>,
    /// The most runs that an identifier has.
    longest: usize,
}

impl Index {
    fn new(hub: &Hub) -> Self {
        let mut index = Self {
            keys: Vec::new(),
            needles: HashMap::new(),
            beginnings: HashSet::new(),
            longest: 1,
        };
        for (at, person) in people::all(hub).enumerate() {
            for (form, value) in person.identifiers() {
                let needle = fold(&value);
                let runs = runs(&needle);
                if let Some((from, to)) = runs.first() {
                    index.beginnings.insert(needle[*from..*to].to_owned());
                }
                index.longest = index.longest.max(runs.len());
                index.needles.entry(needle).or_default().push((at, form));
            }
            index.keys.push(person.key);
        }
        index
    }
}

/// One line for each person, document, pointer and form.
pub(crate) fn stream(
    hub: &Arc<Hub>,
    only: Option<(Home, &str)>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let index = Index::new(hub);
    truth::told_by(hub, only, move |out, row| look(&index, row, out))
}

fn look(index: &Index, row: &Row<'_>, out: &mut String) {
    let doc: Value = serde_json::from_str(row.text).unwrap_or(Value::Null);
    walk(index, &doc, &mut Vec::new(), &mut |pointer, found| {
        say(index, row, pointer, found, out);
    });
    // Computed content is noise and names nobody. What is packed, or is no text, is not looked into.
    if let Content::Held(blob) = row.content
        && blob.encoding.is_none()
        && let Ok(words) = std::str::from_utf8(&blob.bytes)
    {
        let found: BTreeSet<Sighting> = search(index, words)
            .into_iter()
            .map(|(who, form)| (who, form, false))
            .collect();
        say(index, row, "content", &found, out);
    }
}

/// Who, as what, and whether exactly.
type Sighting = (usize, Form, bool);

fn say(index: &Index, row: &Row<'_>, pointer: &str, found: &BTreeSet<Sighting>, out: &mut String) {
    for (who, form, exact) in found {
        out.push_str("{\"person\":");
        text::quote(&index.keys[*who], out);
        out.push(',');
        truth::place(out, row);
        out.push_str(",\"pointer\":");
        text::quote(pointer, out);
        out.push_str(",\"as\":\"");
        out.push_str(form.word());
        out.push_str(if *exact {
            "\",\"strength\":\"exact\"}\n"
        } else {
            "\",\"strength\":\"candidate\"}\n"
        });
    }
}

/// A step on the way from a document to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// Looks at every string below a value, and at the names of members, which are found at the member that they name.
fn walk<'a>(
    index: &Index,
    value: &'a Value,
    path: &mut Vec<Step<'a>>,
    found: &mut impl FnMut(&str, &BTreeSet<Sighting>),
) {
    let mut here = BTreeSet::new();
    if let Value::String(words) = value {
        for (who, form) in search(index, words) {
            let exact = form < Form::Name && identity(path) && whole(index, words, who, form);
            here.insert((who, form, exact));
        }
    }
    if let Some(Step::Member(name)) = path.last() {
        for (who, form) in search(index, name) {
            if !here.contains(&(who, form, true)) {
                here.insert((who, form, false));
            }
        }
    }
    if !here.is_empty() {
        found(&pointer(path), &here);
    }
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Item(at));
                walk(index, item, path, found);
                path.pop();
            }
        }
        Value::Object(map) => {
            for (name, inner) in map {
                path.push(Step::Member(name));
                walk(index, inner, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// RFC 6901.
fn pointer(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        out.push('/');
        match step {
            Step::Member(name) => out.push_str(&name.replace('~', "~0").replace('/', "~1")),
            Step::Item(at) => out.push_str(&at.to_string()),
        }
    }
    out
}

/// Records of a user, wherever they stand.
const RECORDS: [&str; 5] = [
    "createdBy",
    "lastModifiedBy",
    "modifiedBy",
    "CreatedBy",
    "LastUpdatedBy",
];
/// What such a record calls the user.
const MEMBERS: [&str; 8] = [
    "userObjectId",
    "userPuId",
    "userAltSecId",
    "upn",
    "userName",
    "userId",
    "UserObjectId",
    "UserName",
];

/// Whether a field is there to say who somebody is.
fn identity(path: &[Step<'_>]) -> bool {
    match path {
        // Of a run; of a role assignment, and of a lock; of a registry.
        [Step::Member("userId")]
        | [
            Step::Member("properties"),
            Step::Member("principalId" | "createdBy" | "updatedBy"),
        ]
        | [
            Step::Member("properties"),
            Step::Member("owners"),
            Step::Item(_),
            Step::Member("applicationId"),
        ]
        | [
            ..,
            Step::Member("assignedIdentities"),
            Step::Item(_),
            Step::Member("principalId"),
        ] => true,
        [.., Step::Member(record), Step::Member(member)] => {
            (RECORDS.contains(record) && MEMBERS.contains(member))
                || (*record == "systemData" && matches!(*member, "createdBy" | "lastModifiedBy"))
                || (*record == "assignedUser" && *member == "objectId")
        }
        _ => false,
    }
}

/// Whether a text is an identifier and nothing else.
fn whole(index: &Index, words: &str, who: usize, form: Form) -> bool {
    index
        .needles
        .get(&fold(words.trim()))
        .is_some_and(|all| all.contains(&(who, form)))
}

/// Who is named in a text, in any of its forms.
fn search(index: &Index, words: &str) -> BTreeSet<(usize, Form)> {
    let mut all = BTreeSet::new();
    // Most strings are one plain word, which has one form and is an identifier or is not.
    if words.len() < faces::SHORTEST && words.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let owners = index.needles.get(&words.to_ascii_lowercase());
        all.extend(owners.into_iter().flatten().copied());
        return all;
    }
    for face in faces(words) {
        let hits = hits(index, &face);
        for (range, who, form) in &hits {
            // An alias inside its own address is not another sighting.
            let covered = hits.iter().any(|(other, owner, _)| {
                owner == who
                    && other.len() > range.len()
                    && other.start <= range.start
                    && range.end <= other.end
            });
            if !covered {
                all.insert((*who, *form));
            }
        }
    }
    all
}

fn hits(index: &Index, face: &str) -> Vec<(Range<usize>, usize, Form)> {
    let mut all = Vec::new();
    let runs = runs(face);
    for (at, (from, first_end)) in runs.iter().enumerate() {
        if !index.beginnings.contains(&face[*from..*first_end]) {
            continue;
        }
        for (_, to) in runs.iter().skip(at).take(index.longest) {
            let Some(owners) = index.needles.get(&face[*from..*to]) else {
                continue;
            };
            for (who, form) in owners {
                if stands_alone(face, *from, *to, *form) {
                    all.push((*from..*to, *who, *form));
                }
            }
        }
    }
    all
}

/// Spans of letters and digits.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut open: Option<usize> = None;
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), open) {
            (true, None) => open = Some(at),
            (false, Some(from)) => {
                all.push((from, at));
                open = None;
            }
            _ => {}
        }
    }
    all.extend(open.map(|from| (from, text.len())));
    all
}

/// Whether an alias is the beginning of somebody's address, who need not be the one with the alias. The user in the address
/// of a repository and a user at a machine without a domain are not.
fn begins_an_address(text: &str, from: usize, to: usize) -> bool {
    let host = text[to..].strip_prefix('@').map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-'))
            .next()
            .unwrap_or_default()
    });
    host.is_some_and(|host| host.contains('.')) && !text[..from].ends_with("//")
}

/// Whether what stands around it leaves it a word of its own: `ann@contoso.com` is neither in `mary-ann@contoso.com` nor in
/// `ann@contoso.com.example`, but it is at the end of a sentence.
fn stands_alone(text: &str, from: usize, to: usize, form: Form) -> bool {
    let joins: &[char] = match form {
        Form::ObjectId | Form::Puid | Form::AltSecId | Form::Name => &['-'],
        Form::Upn | Form::Mail | Form::Alias => &['.', '-', '_', '+', '%'],
    };
    if form == Form::Alias && begins_an_address(text, from, to) {
        return false;
    }
    let joined = |near: Option<char>, far: Option<char>| {
        near.is_some_and(|c| joins.contains(&c)) && far.is_some_and(char::is_alphanumeric)
    };
    let mut before = text[..from].chars().rev();
    let mut after = text[to..].chars();
    !joined(before.next(), before.next()) && !joined(after.next(), after.next())
}
