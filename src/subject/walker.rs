//! The way through one document: every string with its place, in one pass and without building the document.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::look::Edges;
use super::matcher::Hit;
use super::records::Records;
use super::roles::{Role, Roles};
use super::steps::Steps;
use super::{Form, Match, Matcher, Place, Strength};
use crate::kinds::Kind;

/// A walk through one document. Two keys of one name in an object are both seen, where a map would keep one.
pub(super) struct Walker<'m> {
    matcher: &'m Matcher,
    roles: Cow<'static, Roles>,
    steps: Steps,
    records: Records,
    found: Vec<Match>,
}

impl<'m> Walker<'m> {
    pub(super) fn new(matcher: &'m Matcher, kind: &Kind) -> Self {
        Self {
            matcher,
            roles: Roles::of(kind),
            steps: Steps::default(),
            records: Records::default(),
            found: Vec::new(),
        }
    }

    /// What stands in the document; an error when it is no JSON, or deeper than the parser goes.
    pub(super) fn walk(mut self, raw: &str) -> serde_json::Result<Vec<Match>> {
        let mut parser = serde_json::Deserializer::from_str(raw);
        self.deserialize(&mut parser)?;
        parser.end()?;
        self.records.judge(self.matcher, &mut self.found);
        Ok(self.found)
    }

    fn key(&mut self) {
        let key = self.steps.step(self.steps.len() - 1);
        let hits = self.matcher.hits(key.as_bytes(), Edges::OWN);
        if hits.is_empty() {
            return;
        }
        let pointer = self.steps.pointer(self.steps.len());
        let matches = hits
            .into_iter()
            .map(|hit| self.matcher.candidate(hit, &pointer, Place::Key));
        self.found.extend(matches);
    }

    fn value(&mut self, text: &str) {
        let role = self.roles.at(&self.steps);
        if let Some(form) = role.and_then(|role| role.proves) {
            let above = self.steps.len().saturating_sub(1);
            self.records.note(self.steps.pointer(above), form, text);
        }
        let hits = self.matcher.hits(text.as_bytes(), Edges::OWN);
        if hits.is_empty() {
            return;
        }
        let pointer = self.steps.pointer(self.steps.len());
        for hit in hits {
            let found = match role {
                Some(role) => self.identity(role, &pointer, text, hit),
                None => self.matcher.candidate(hit, &pointer, Place::Text),
            };
            self.found.push(found);
        }
    }

    fn identity(&self, role: Role, pointer: &str, text: &str, hit: Hit) -> Match {
        let place = Place::Identity { role: role.path };
        let mut found = self.matcher.candidate(hit, pointer, place);
        let whole = self.matcher.targets[hit.identifier].is(text);
        if whole && found.form != Form::Name && !role.name_only {
            found.strength = Strength::Exact;
        }
        found
    }
}

/// A key on its way to the steps, without a text of its own.
struct Key<'s>(&'s mut Steps);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        self.0.key(key);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walker<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    // A PUID of decimal digits alone may stand in a document as a number.
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.value(&number.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    // No identifier has the shape of a fraction.
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.value(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            self.steps.index(index);
            let item = items.next_element_seed(&mut *self)?;
            self.steps.up();
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(Key(&mut self.steps))?.is_some() {
            self.key();
            members.next_value_seed(&mut *self)?;
            self.steps.up();
        }
        Ok(())
    }
}
