//! Everybody who was seen, and who is who.
//!
//! **Who is one person.** Identifiers that stand in one record are one person's, and so are records that share a strong one
//! (object id, PUID, alternative security id, mail). A display name never joins two records, since two people may share it. A
//! person of whom nothing but a name was ever seen is a person by that name. A guest's principal name holds the address at
//! home, and an alternative security id ends with the PUID; both follow from the one that was seen.
//!
//! **Who is the subject.** Whoever has one of the strong identifiers that were given: with that, every other identifier of
//! those records is the subject's own and stays readable.
//!
//! **The numbers.** Persons are numbered by a digest of the subject's identifiers and of their own smallest identifier. So
//! the order in which they were met, and how many at a time, does not matter, and the same export twice gives the same
//! numbers. A pseudonym made of the digest itself would also stay when unrelated people appear, but whoever holds a list of
//! colleagues could compute the digests and read the bag: a number says nothing. The price is that a later export with more
//! people may number them otherwise; each bag has its own key file for that. The subject's identifiers are part of the
//! digest so that bags of two subjects cannot be laid side by side, and so that numbers do not follow the alphabet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::folded::folded;
use super::mask::{Mask, Owner, Roll};
use super::record::{Id, records};
use super::{armor, mail, view};
use crate::kinds::Kind;
use crate::subject::{Form, Identifier};

/// How deep base64 within base64 is looked into.
pub(super) const NESTED: usize = 3;

/// The registry of everyone who was seen.
#[derive(Debug, Default)]
pub struct People {
    subject: Vec<Id>,
    /// Every identifier, with the smallest of its spellings, for the key file.
    ids: HashMap<Id, usize>,
    spelled: Vec<(Id, String)>,
    /// Union-find: identifiers of one person lead to one another.
    parent: Vec<usize>,
    /// For each name: the strong identifiers it stood beside.
    bearers: BTreeMap<usize, BTreeSet<usize>>,
    /// Identifiers of service principals.
    applications: BTreeSet<Id>,
    /// Identifiers that stood in a record of a person.
    persons: BTreeSet<usize>,
}

impl People {
    /// A registry that knows the subject, and nobody else yet.
    pub fn new(subject: &[Identifier]) -> Self {
        let mut people = Self::default();
        let mut first = None;
        for given in subject {
            let at = people.learn(&Id::new(given.form, &given.value), &given.value);
            people.subject.push(people.spelled[at].0.clone());
            if given.form == Form::Name {
                people.bearers.entry(at).or_default();
            } else if let Some(first) = first {
                people.join(first, at);
            } else {
                first = Some(at);
            }
        }
        people.subject.sort();
        people
    }

    /// Takes in everyone whom the identity fields of a document name.
    pub fn meet(&mut self, kind: &Kind, doc: &Value) {
        for record in records(kind, doc) {
            if record.application {
                self.applications
                    .extend(record.fields.into_iter().map(|field| field.id));
                continue;
            }
            let mut strong: Option<usize> = None;
            let mut names = Vec::new();
            let alone = record.fields.len() == 1;
            for field in record.fields {
                let form = field.id.form;
                let at = self.learn(&field.id, &field.value);
                if form == Form::Name {
                    names.push(at);
                } else if let Some(first) = strong {
                    self.join(first, at);
                } else {
                    strong = Some(at);
                }
                // A bare object id may be a service principal's, and another record may say so.
                if !(alone && form == Form::ObjectId) {
                    self.persons.insert(at);
                }
            }
            for name in names {
                self.bearers.entry(name).or_default().extend(strong);
            }
        }
    }

    /// Takes in mail-shaped strings wherever a text holds them, escaped or in base64 too.
    pub fn meet_text(&mut self, text: &str) {
        self.meet_layers(text, 0);
    }

    fn meet_layers(&mut self, text: &str, depth: usize) {
        for layer in view::layers(text) {
            if layer.text.contains(['@', '＠', '﹫']) {
                let folded = folded(&layer.text);
                for (start, end) in mail::find(&folded.text) {
                    let as_seen = &layer.text[folded.around(start)..folded.around(end)];
                    let at = self.learn(&Id::new(Form::Mail, as_seen), as_seen);
                    self.persons.insert(at);
                }
            }
            if depth < NESTED {
                for (start, letters, _) in armor::each_run(&layer.text) {
                    for (_, _, inner) in armor::readings(&layer.text[start..letters]) {
                        self.meet_layers(&inner, depth + 1);
                    }
                }
            }
        }
    }

    fn learn(&mut self, id: &Id, value: &str) -> usize {
        if let Some(&at) = self.ids.get(id) {
            if value < self.spelled[at].1.as_str() {
                self.spelled[at].1 = value.to_owned();
            }
            return at;
        }
        let at = self.spelled.len();
        self.ids.insert(id.clone(), at);
        self.spelled.push((id.clone(), value.to_owned()));
        self.parent.push(at);
        let implied = match id.form {
            Form::AltSecId => id
                .key
                .rsplit(':')
                .next()
                .map(|id| (Form::Puid, id.to_owned())),
            Form::Mail => mail::home(&id.key).map(|home| (Form::Mail, home)),
            _ => None,
        };
        if let Some((form, value)) = implied {
            let other = self.learn(&Id::new(form, &value), &value);
            self.join(at, other);
        }
        at
    }

    fn root(&self, mut at: usize) -> usize {
        while self.parent[at] != at {
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (root, leaf) = (one.min(other), one.max(other));
        self.parent[leaf] = root;
        // Shorten the way for the next walk.
        self.parent[other] = root;
        self.parent[one] = root;
    }

    /// Gives everybody their pseudonym. From here on nobody is added.
    pub fn finish(self) -> Mask {
        let roots: Vec<usize> = (0..self.parent.len()).map(|at| self.root(at)).collect();
        let ours: BTreeSet<usize> = self
            .subject
            .iter()
            .filter(|id| id.form != Form::Name)
            .filter_map(|id| self.ids.get(id).map(|&at| roots[at]))
            .collect();
        let named: BTreeSet<usize> = self
            .subject
            .iter()
            .filter(|id| id.form == Form::Name)
            .filter_map(|id| self.ids.get(id).copied())
            .collect();

        // Who bears each name: roots of persons.
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.parent.len() {
            let bearers: BTreeSet<usize> = self
                .bearers
                .get(&at)
                .map(|ids| ids.iter().map(|&id| roots[id]).collect())
                .unwrap_or_default();
            let is_name = self.spelled[at].0.form == Form::Name;
            match (is_name, bearers.len()) {
                (false, _) | (true, 0) => groups.entry(roots[at]).or_default().push(at),
                (true, _) => {
                    for bearer in bearers {
                        groups.entry(bearer).or_default().push(at);
                    }
                }
            }
        }

        let mut persons: Vec<([u8; 32], &Vec<usize>)> = Vec::new();
        let mut roll = Roll::default();
        for (root, members) in &groups {
            if ours.contains(root) || members.iter().all(|at| named.contains(at)) {
                for &at in members {
                    roll.own(&self.spelled[at].0);
                }
            } else if !self.is_application(members) {
                persons.push((
                    self.rank(members.iter().map(|&at| &self.spelled[at].0)),
                    members,
                ));
            }
        }
        for &at in &named {
            roll.own(&self.spelled[at].0);
        }
        persons.sort();
        for (number, (_, members)) in persons.into_iter().enumerate() {
            for &at in members {
                let (id, value) = &self.spelled[at];
                roll.person(number + 1, id, value);
            }
        }
        Mask::new(roll, |key| self.digest(key))
    }

    /// Nothing but object ids, all of them known as applications' and none seen in a person's record.
    fn is_application(&self, members: &[usize]) -> bool {
        members.iter().all(|at| {
            self.applications.contains(&self.spelled[*at].0) && !self.persons.contains(at)
        })
    }

    fn rank<'a>(&self, ids: impl Iterator<Item = &'a Id>) -> [u8; 32] {
        ids.min().map_or([0; 32], |id| {
            self.digest(&format!("{} {}", id.form, id.key))
        })
    }

    fn digest(&self, key: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        for id in &self.subject {
            digest.update(id.form.name());
            digest.update([0]);
            digest.update(&id.key);
            digest.update([0]);
        }
        digest.update([1]);
        digest.update(key);
        digest.finalize().into()
    }
}

impl Owner {
    /// The pseudonym, as it stands in the bag.
    pub(super) fn pseudonym(self) -> Option<String> {
        match self {
            Self::Subject => None,
            Self::Person(number) => Some(format!("person-{number}")),
            Self::Name(number) => Some(format!("name-{number}")),
            Self::Alias(number) => Some(format!("alias-{number}")),
            Self::Unknown => Some("person-unknown".to_owned()),
        }
    }
}
