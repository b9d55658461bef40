//! Who is masked as what: the registry closed, and one automaton over everybody in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use sha2::{Digest, Sha256};

use super::super::Form;
use super::known::Known;
use super::mail;
use super::pairs::Pairs;
use super::record::{Id, Record};
use super::spelling::{self, How};

/// Whose an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// The subject's own: it stays.
    Subject,
    Person(usize),
    /// A display name that several people bear.
    Name(usize),
    /// A mailbox name that several people have, at different hosts.
    Alias(usize),
    /// A person who was not met before.
    Unknown,
}

/// What the registry found out, before it is closed.
#[derive(Debug, Default)]
pub(super) struct Roll {
    own: BTreeSet<Id>,
    /// An identifier, and the numbers of those who have it; only names have several.
    people: BTreeMap<Id, BTreeSet<usize>>,
    key: BTreeSet<(Owner, Id, String)>,
}

impl Roll {
    pub(super) fn own(&mut self, id: &Id) {
        self.own.insert(id.clone());
    }

    pub(super) fn person(&mut self, number: usize, id: &Id, value: &str) {
        self.people.entry(id.clone()).or_default().insert(number);
        self.key
            .insert((Owner::Person(number), id.clone(), value.to_owned()));
    }
}

/// A spelling in the automaton.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) owner: Owner,
    pub(super) form: &'static str,
    pub(super) how: How,
}

/// Pseudonyms for everybody who is not the subject. It masks documents, texts, paths and streams of text.
///
/// The automaton holds each identifier once, folded; escapes and letter case are taken off the text instead. Measured with
/// 200,000 identifiers (of 50,000 people) in a release build: 284 MiB in use when it is built, 395 MiB at the peak.
#[derive(Debug)]
pub struct Mask {
    pub(super) owners: HashMap<Id, Owner>,
    pub(super) aliases: HashMap<String, Owner>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) automaton: AhoCorasick,
    /// What a mailbox name may stand behind.
    pub(super) homes: AhoCorasick,
    /// Which letters stand beside each other in the patterns.
    pub(super) pairs: Pairs,
    /// Texts in which nobody stands.
    pub(super) known: Known,
    /// How many bytes of a text any spelling of an identifier may fill.
    pub(super) longest: usize,
    key: Vec<(Owner, Id, String)>,
}

/// Behind these stands what somebody is called: notebook folders, home folders, accounts at code hosts.
pub(super) const HOMES: &[&str] = &[
    "users/",
    "users\\",
    "home/",
    "github.com/",
    "github.com:",
    "gitlab.com/",
    "gitlab.com:",
    "bitbucket.org/",
    "bitbucket.org:",
];

/// Bytes of patterns for which the automaton has its fast form: some thousands of identifiers.
const SMALL: usize = 128 * 1024;

/// The word for a mailbox name in logs and keys.
pub(super) const ALIAS: &str = "alias";

impl Mask {
    /// Closes the registry. `rank` gives an order that depends on nothing but the key it is asked for.
    pub(super) fn new(mut roll: Roll, rank: impl Fn(&str) -> [u8; 32]) -> Self {
        let mut owners: HashMap<Id, Owner> = HashMap::new();
        let mut shared: Vec<([u8; 32], &Id)> = Vec::new();
        for (id, numbers) in &roll.people {
            match (numbers.len(), numbers.first()) {
                (1, Some(&number)) => {
                    owners.insert(id.clone(), Owner::Person(number));
                }
                _ => shared.push((rank(&id.key), id)),
            }
        }
        shared.sort();
        for (number, (_, id)) in shared.into_iter().enumerate() {
            let owner = Owner::Name(number + 1);
            owners.insert(id.clone(), owner);
            let spelled = roll
                .key
                .iter()
                .find(|(_, known, _)| known == id)
                .map(|(_, _, value)| value.clone());
            if let Some(value) = spelled.filter(|_| !roll.own.contains(id)) {
                roll.key.insert((owner, id.clone(), value));
            }
        }
        for id in &roll.own {
            owners.insert(id.clone(), Owner::Subject);
        }
        let spelled: HashMap<&Id, &str> = roll
            .key
            .iter()
            .map(|(_, id, value)| (id, value.as_str()))
            .collect();

        let mut spellings: BTreeMap<String, Pattern> = BTreeMap::new();
        let mut sorted: Vec<(&Id, Owner)> = owners.iter().map(|(id, &owner)| (id, owner)).collect();
        sorted.sort();
        for (id, owner) in &sorted {
            let how = match owner {
                // The subject's own is never touched, however short: what it covers, nobody else's pattern may take.
                Owner::Subject => How::Anywhere,
                _ => spelling::how(id, spelled.get(id).copied().unwrap_or(&id.key)),
            };
            insert(&mut spellings, id.key.clone(), *owner, id.form.name(), how);
        }
        for (id, owner) in &sorted {
            if id.form == Form::Name
                && let Some(turned) = spelling::turned(&id.key)
                && !owners.contains_key(&Id::new(Form::Name, &turned))
            {
                insert(
                    &mut spellings,
                    turned,
                    *owner,
                    id.form.name(),
                    How::Anywhere,
                );
            }
        }
        let aliases = aliases(&sorted, &mut roll.key, rank);
        spellings.retain(|key, pattern| pattern.how != How::Fields && !key.is_empty());
        // One byte may take twelve (`%252541`, or `\\u0041` and the like).
        let longest = 12 * spellings.keys().map(String::len).max().unwrap_or(0);
        // The fast form takes up to 256 bytes for a byte of a pattern.
        let small = spellings.keys().map(String::len).sum::<usize>() <= SMALL;
        let automaton = AhoCorasick::builder()
            .kind(small.then_some(AhoCorasickKind::DFA))
            .build(spellings.keys())
            .unwrap_or_else(|_| unreachable!("the patterns are far fewer than two to the 31"));
        // None of them begins with what another one ends with, so none hides another.
        let homes = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(HOMES)
            .unwrap_or_else(|_| unreachable!("a few short patterns"));
        Self {
            owners,
            aliases,
            pairs: Pairs::of(spellings.keys().map(String::as_str)),
            known: Known::default(),
            automaton,
            homes,
            longest,
            patterns: spellings.into_values().collect(),
            key: roll.key.into_iter().collect(),
        }
    }

    /// The mapping, for the file beside the bag: pseudonym, form, original.
    pub fn key(&self) -> impl Iterator<Item = (String, &'static str, &str)> {
        self.key.iter().filter_map(|(owner, id, value)| {
            let form = if matches!(owner, Owner::Alias(_)) {
                ALIAS
            } else {
                id.form.name()
            };
            Some((owner.pseudonym()?, form, value.as_str()))
        })
    }

    /// A digest of whatever decides what is written instead of whom: two masks of one fingerprint do the same to every text.
    pub fn fingerprint(&self) -> String {
        let mut owners: Vec<_> = self.owners.iter().collect();
        owners.sort();
        let mut aliases: Vec<_> = self.aliases.iter().collect();
        aliases.sort();
        let mut digest = Sha256::new();
        // Debug text quotes what is said, so nothing can be said in two ways.
        for owner in owners {
            digest.update(format!("{owner:?}"));
        }
        for alias in aliases {
            digest.update(format!("{alias:?}"));
        }
        for pattern in &self.patterns {
            digest.update(format!("{pattern:?}"));
        }
        digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whose a record is: the strongest identifier decides, a name only when there is nothing else. `None`: nobody's.
    pub(super) fn of_record(&self, record: &Record) -> Option<Owner> {
        if record.application {
            return None;
        }
        let known = |strong: bool| {
            record
                .fields
                .iter()
                .filter(move |field| (field.id.form != Form::Name) == strong)
                .map(|field| self.owners.get(&field.id).copied())
        };
        let strong = known(true).flatten().min_by_key(|owner| match owner {
            Owner::Subject => 0,
            _ => 1,
        });
        let lone_id = record.fields.iter().all(|f| f.id.form == Form::ObjectId);
        match strong {
            Some(owner) => Some(owner),
            // A bare object id that the registry left out is an application's.
            None if lone_id => None,
            None if known(true).next().is_some() => Some(Owner::Unknown),
            None => Some(known(false).flatten().next().unwrap_or(Owner::Unknown)),
        }
    }
}

/// Adds a spelling. Where two identifiers share one, the subject's wins, then the stronger form; two people's turned names
/// that meet belong to neither.
fn insert(
    spellings: &mut BTreeMap<String, Pattern>,
    key: String,
    owner: Owner,
    form: &'static str,
    how: How,
) {
    let pattern = Pattern { owner, form, how };
    match spellings.get_mut(&key) {
        None => {
            spellings.insert(key, pattern);
        }
        Some(known) if known.owner == Owner::Subject || known.owner == owner => {}
        Some(known) if owner == Owner::Subject => *known = pattern,
        Some(known) if known.form == form => known.owner = Owner::Unknown,
        Some(_) => {}
    }
}

/// Mailbox names, for the places where one stands without its host.
fn aliases(
    sorted: &[(&Id, Owner)],
    key: &mut BTreeSet<(Owner, Id, String)>,
    rank: impl Fn(&str) -> [u8; 32],
) -> HashMap<String, Owner> {
    let mut bearers: BTreeMap<&str, BTreeSet<Owner>> = BTreeMap::new();
    for (id, owner) in sorted.iter().filter(|(id, _)| id.form == Form::Mail) {
        if let Some(alias) = mail::alias(&id.key) {
            bearers.entry(alias).or_default().insert(*owner);
        }
    }
    let mut shared = Vec::new();
    let mut found = HashMap::new();
    for (alias, owners) in bearers {
        match owners.first() {
            Some(Owner::Subject) => found.insert(alias.to_owned(), Owner::Subject),
            Some(&owner) if owners.len() == 1 => found.insert(alias.to_owned(), owner),
            _ => {
                shared.push((rank(&format!("alias {alias}")), alias));
                None
            }
        };
    }
    shared.sort_unstable();
    for (number, (_, alias)) in shared.into_iter().enumerate() {
        let owner = Owner::Alias(number + 1);
        found.insert(alias.to_owned(), owner);
        key.insert((owner, Id::new(Form::Mail, alias), alias.to_owned()));
    }
    found
}
