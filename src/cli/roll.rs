//! Who is there at all: every identifier in an identity field, and how often it stands there.

use std::collections::BTreeMap;

use crate::kinds::Kind;
use crate::walk::people::Mention;

/// An identifier, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Called {
    /// As it was written first, in the order of spellings.
    pub value: String,
    /// What the field that holds it says it is.
    pub form: &'static str,
    /// Documents, by kind.
    pub kinds: BTreeMap<&'static str, u64>,
}

impl Called {
    /// Documents of all kinds.
    pub(super) fn documents(&self) -> u64 {
        self.kinds.values().sum()
    }
}

/// Everybody. It grows with the people and not with the workspace.
#[derive(Debug, Default)]
pub(super) struct Roll {
    by_value: BTreeMap<String, Called>,
}

impl Roll {
    /// Counts the people of one document, each identifier once.
    pub(super) fn call(&mut self, _workspace: &str, kind: &'static Kind, people: &[Mention]) {
        let mut seen: Vec<String> = Vec::new();
        for mention in people {
            let key = crate::subject::fold(&mention.value);
            if seen.contains(&key) {
                continue;
            }
            let called = self.by_value.entry(key.clone()).or_default();
            if called.value.is_empty() || mention.value < called.value {
                called.value.clone_from(&mention.value);
            }
            // `upn-or-name` says less than any other word for the same value.
            if called.form.is_empty() || called.form == "upn-or-name" {
                called.form = mention.form;
            }
            *called.kinds.entry(kind.name).or_default() += 1;
            seen.push(key);
        }
    }

    /// An identifier, in any spelling.
    pub(super) fn get(&self, value: &str) -> Option<&Called> {
        self.by_value.get(&crate::subject::fold(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_counts_once_for_each_identifier() {
        let runs = crate::kinds::find("runs").expect("a row");
        let mention = |form, value: &str| Mention {
            field: "f".to_owned(),
            form,
            value: value.to_owned(),
        };
        let mut roll = Roll::default();
        let people = [
            mention("upn-or-name", "ADA@contoso.com"),
            mention("upn", "ada@contoso.com"),
            mention("name", "Ada Lindqvist"),
        ];
        roll.call("w", runs, &people);
        roll.call("w", runs, &people[2..]);
        assert_eq!(roll.get("Ada@Contoso.com").map(Called::documents), Some(1));
        assert_eq!(roll.get("ada lindqvist").map(Called::documents), Some(2));
        assert_eq!(roll.by_value.len(), 2);
    }
}
