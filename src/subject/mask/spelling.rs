//! How freely an identifier is looked for, and the spellings that no reading of the text brings together.
//!
//! Object ids, PUIDs, alternative security ids and mails are looked for everywhere. Names need a rule, because some of them
//! are words:
//! - a name of two words or more (`Mark Hope`, `Lindqvist, Ada`) is looked for everywhere, in any letter case, and in the
//!   other order too; so is a name with a digit in it (`jdoe42`), and one of two signs or more in a script without capitals
//!   (`王伟`);
//! - one word of four letters or more (`Mark`) is looked for everywhere in the very letter case in which it is displayed, so
//!   that `mark` stays a verb and `Mark` does not;
//! - a shorter word (`Li`), one that is displayed in small letters, and a word that such documents are full of (`Default`)
//!   is masked in identity fields and where it is the whole of a field that speaks of a person (`owner`), nowhere else.
//!
//! Parts of a name (`Ada` of `Ada Lindqvist`) are not looked for: that would take the words out of everybody's texts.

use super::super::{Form, Identifier};
use super::record::Id;

/// How freely an identifier is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// Everywhere, in any spelling.
    Anywhere,
    /// Everywhere, in this letter case.
    Cased(String),
    /// In fields of persons only.
    Fields,
}

/// Words that are somebody's name in some directory and stand in every document.
const WORDS: &[&str] = &[
    "admin",
    "alias",
    "azure",
    "batch",
    "client",
    "cluster",
    "contoso",
    "data",
    "default",
    "demo",
    "experiment",
    "guest",
    "image",
    "import",
    "job",
    "label",
    "metric",
    "microsoft",
    "model",
    "name",
    "notebook",
    "object",
    "owner",
    "person",
    "pipeline",
    "project",
    "public",
    "python",
    "read",
    "root",
    "run",
    "script",
    "service",
    "shared",
    "string",
    "system",
    "test",
    "train",
    "training",
    "true",
    "unknown",
    "user",
    "workspace",
];

pub(super) fn how(id: &Id, value: &str) -> How {
    if id.form != Form::Name {
        let sure = Identifier::new(id.form, value).is_ok();
        let peculiar = id.key.len() >= 8 && id.key.contains(|c: char| c.is_ascii_digit());
        return if sure || peculiar {
            How::Anywhere
        } else {
            How::Fields
        };
    }
    let letters = id.key.chars().filter(|c| c.is_alphabetic()).count();
    let one_word = !id.key.contains(char::is_whitespace);
    let cased = id.key.chars().any(char::is_lowercase);
    let digit = id.key.contains(|c: char| c.is_ascii_digit());
    if !one_word && letters >= 4
        || !cased && letters >= 2
        || digit && letters >= 2 && id.key.len() >= 5
    {
        How::Anywhere
    } else if one_word
        && letters >= 4
        && value.contains(char::is_uppercase)
        && !WORDS.contains(&id.key.as_str())
    {
        How::Cased(value.to_owned())
    } else {
        How::Fields
    }
}

/// The same name with its parts in the other order: `Ada Quill` and `Quill, Ada`.
pub(super) fn turned(key: &str) -> Option<String> {
    if let Some((last, first)) = key.split_once(", ") {
        return (!first.contains(',')).then(|| format!("{first} {last}"));
    }
    let (first, last) = key.split_once(' ')?;
    (!last.contains([' ', ','])).then(|| format!("{last}, {first}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_words_are_looked_for_with_care() {
        let of = |value: &str| how(&Id::new(Form::Name, value), value);
        for value in ["Mark Hope", "Lindqvist, Ada", "王伟", "jdoe42", "Li Na"] {
            assert_eq!(of(value), How::Anywhere, "{value}");
        }
        assert_eq!(of("Mark"), How::Cased("Mark".to_owned()));
        for value in ["Li", "mark", "Default", "X Y"] {
            assert_eq!(of(value), How::Fields, "{value}");
        }
    }

    #[test]
    fn a_name_is_turned_and_turned_back() {
        assert_eq!(turned("ada quill").as_deref(), Some("quill, ada"));
        assert_eq!(turned("quill, ada").as_deref(), Some("ada quill"));
        assert_eq!(turned("ada von quill"), None);
    }
}
