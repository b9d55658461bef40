//! The person as a set of identifiers, and what the person who asks should know about that set.

use std::collections::BTreeSet;

use super::{Form, Identifier, SubjectError, list};

/// A person: every identifier that is known, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    identifiers: Vec<Identifier>,
    implied: Vec<Implied>,
}

/// An identifier that nobody gave, since another one implies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implied {
    pub given: Identifier,
    pub added: Identifier,
}

impl Subject {
    /// The set of the given texts and of the content of a file. An error when nobody is named at all.
    pub fn gather(texts: &[String], file: Option<&str>) -> Result<Self, SubjectError> {
        let mut subject = Self::default();
        for text in texts {
            subject.add(Identifier::parse(text)?);
        }
        for identifier in file.map(list::read).transpose()?.unwrap_or_default() {
            subject.add(identifier);
        }
        if subject.identifiers.is_empty() {
            return Err(SubjectError::Nobody);
        }
        Ok(subject)
    }

    /// Adds an identifier, and what it implies. `false` when it was known.
    pub fn add(&mut self, identifier: Identifier) -> bool {
        if self.knows(&identifier) {
            return false;
        }
        let added = implied(&identifier);
        self.identifiers.push(identifier.clone());
        if let Some(added) = added
            && !self.knows(&added)
        {
            self.identifiers.push(added.clone());
            self.implied.push(Implied {
                given: identifier,
                added,
            });
        }
        true
    }

    fn knows(&self, identifier: &Identifier) -> bool {
        let key = identifier.key();
        self.of(identifier.form).any(|known| known.key() == key)
    }

    /// The identifiers of one form.
    pub fn of(&self, form: Form) -> impl Iterator<Item = &Identifier> {
        self.identifiers.iter().filter(move |id| id.form == form)
    }

    /// Every identifier, in the order in which they came. A match points into this list.
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// What was added without being given, to be shown to the person who asks.
    pub fn implied(&self) -> &[Implied] {
        &self.implied
    }

    /// What the person who asks should know before the search, in whole sentences; empty when the set is a good one.
    pub fn advice(&self) -> Vec<String> {
        let has = |form| self.of(form).next().is_some();
        let strong = has(Form::ObjectId) || has(Form::Puid) || has(Form::AltSecId);
        let mut said = Vec::new();
        if !strong && !has(Form::Mail) {
            said.push(
                "Only a name was given. Other people may have the same name, so whatever is found is a candidate that a \
                 person has to judge. Add the object id with --object-id, or let --resolve ask the directory."
                    .to_owned(),
            );
        } else if !strong {
            said.push(
                "No object id was given. Run history knows people by their object id and shows a display name beside it, \
                 so an e-mail address alone finds nothing there. Add the object id with --object-id, or let --resolve ask \
                 the directory."
                    .to_owned(),
            );
        } else if !has(Form::ObjectId) {
            said.push(
                "No object id was given. Computes and the older runs name people by their object id alone. Add it with \
                 --object-id, or let --resolve ask the directory."
                    .to_owned(),
            );
        }
        if !has(Form::Name) {
            said.push(
                "No display name was given. Jobs, models and data of the resource manager may show a display name and \
                 nothing else. Add it with --subject, or let --resolve ask the directory."
                    .to_owned(),
            );
        }
        if strong && !has(Form::Mail) {
            said.push(
                "No e-mail address was given. Notification lists, tags and log files name people by it. Add it with \
                 --subject, or let --resolve ask the directory."
                    .to_owned(),
            );
        }
        for name in self.of(Form::Name) {
            if !name.value.contains(char::is_whitespace) && name.value.chars().count() <= 5 {
                said.push(format!(
                    "The name `{}` is one short word, which may stand for other people or for things: expect candidates \
                     that have nothing to do with this person.",
                    name.value
                ));
            }
        }
        said
    }

    /// The set as one text that depends neither on the order nor on letter case, from which the caller makes the digest
    /// that says whether unfinished work was about the same person. The identifiers stand in it in clear, so the text
    /// itself is never to be written.
    pub fn canonical(&self) -> String {
        let lines: BTreeSet<(&str, String)> = self
            .identifiers
            .iter()
            .map(|id| (id.form.name(), id.key()))
            .collect();
        // JSON, since a name may hold any separator that one could think of.
        let lines: serde_json::Value = lines
            .into_iter()
            .map(|(form, key)| vec![form.to_owned(), key])
            .collect();
        lines.to_string()
    }
}

/// The alternative security id of a work account is `5::` and its PUID, so either of them says the other.
fn implied(identifier: &Identifier) -> Option<Identifier> {
    let (form, value) = match identifier.form {
        Form::Puid => (Form::AltSecId, format!("5::{}", identifier.value)),
        Form::AltSecId => (Form::Puid, identifier.value.strip_prefix("5::")?.to_owned()),
        _ => return None,
    };
    // What follows `5::` need not have the shape of a PUID; then nothing is implied.
    Identifier::new(form, &value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(subject: &Subject) -> Vec<String> {
        subject
            .identifiers()
            .iter()
            .map(|id| format!("{}:{}", id.form, id.value))
            .collect()
    }

    fn of(texts: &[&str]) -> Subject {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        Subject::gather(&texts, None).expect("a subject")
    }

    #[test]
    fn a_file_is_json_or_lines() {
        let wanted = [
            "object-id:5c1d0a2e-0000-4000-8000-000000000001",
            "mail:ada@contoso.com",
            "mail:sam_outlook.example#EXT#@contoso.com",
            "name:Ada Lindqvist",
        ];
        let array = r#"["5c1d0a2e-0000-4000-8000-000000000001", "ada@contoso.com", "sam_outlook.example#EXT#@contoso.com", "Ada Lindqvist", "ADA LINDQVIST"]"#;
        let object = r#"{ "Object-ID": "{5c1d0a2e-0000-4000-8000-000000000001}", "UPN": null,
            "proxyAddresses": ["SMTP:ada@contoso.com", "sam_outlook.example#EXT#@contoso.com", "smtp:ADA@contoso.com"], "identifiers": [" Ada Lindqvist "]}"#;
        let lines = "\u{feff}# who\r\n\r\n{5c1d0a2e-0000-4000-8000-000000000001}\r\n  ada@contoso.com  # work\r\nsam_outlook.example#EXT#@contoso.com\r\nname: Ada Lindqvist\r\n";
        for file in [array, lines] {
            let subject = Subject::gather(&[], Some(file)).expect("a list");
            assert_eq!(forms(&subject), wanted, "{file}");
        }
        let subject = Subject::gather(&[], Some(object)).expect("a list");
        assert_eq!(
            forms(&subject).into_iter().collect::<BTreeSet<_>>(),
            wanted.iter().map(|&text| text.to_owned()).collect()
        );
    }

    #[test]
    fn a_list_that_cannot_be_read_says_where() {
        for (file, wanted) in [
            ("[\"ada\", 7]", "neither a text nor a list"),
            ("{\"shoeSize\": \"41\"}", "`shoeSize` is none of"),
            (
                "{\"objectId\": \"ada\"}",
                "`objectId`: `ada` is no object-id",
            ),
            ("ada@contoso.com\nx\n", "line 2"),
            ("[\"ada\"", "EOF"),
        ] {
            let said = Subject::gather(&[], Some(file))
                .expect_err("no list")
                .to_string();
            assert!(said.contains(wanted), "{file}: {said}");
        }
        for file in [None, Some("# nobody\n"), Some("[]")] {
            assert_eq!(Subject::gather(&[], file), Err(SubjectError::Nobody));
        }
    }

    #[test]
    fn a_puid_and_its_alternative_security_id_imply_each_other() {
        let one = of(&["10032000A1B2C3D4"]);
        let other = of(&["5::10032000a1b2c3d4"]);
        assert_eq!(
            forms(&one),
            ["puid:10032000A1B2C3D4", "alt-sec-id:5::10032000A1B2C3D4"]
        );
        assert_eq!(one.implied()[0].added, one.identifiers()[1]);
        assert_eq!(one.canonical(), other.canonical());
        let personal = of(&["1:live.com:0003BFFD1A2B3C4D"]);
        assert!(personal.implied().is_empty());
    }

    #[test]
    fn the_canonical_text_minds_the_set_alone() {
        let one = of(&["ada@contoso.com", "Ada Lindqvist", "ADA@contoso.com"]);
        let other = of(&["ada LINDQVIST", "Ada@Contoso.com"]);
        assert_eq!(one.canonical(), other.canonical());
        assert_ne!(one.canonical(), of(&["ada@contoso.com"]).canonical());
        let (a, b) = (of(&["name:a\",\"b"]), of(&["name:aa", "name:bb"]));
        assert_ne!(a.canonical(), b.canonical());
    }

    #[test]
    fn advice_says_what_the_set_lacks() {
        let about = |texts: &[&str]| of(texts).advice().join("\n");
        assert!(
            about(&["ada@contoso.com"]).contains("an e-mail address alone finds nothing there")
        );
        assert!(about(&["Ada Lindqvist"]).contains("Only a name was given"));
        assert!(about(&["Li"]).contains("`Li` is one short word"));
        assert!(about(&["10032000A1B2C3D4"]).contains("by their object id alone"));
        let whole = [
            "5c1d0a2e-0000-4000-8000-000000000001",
            "ada@contoso.com",
            "Ada Lindqvist",
        ];
        assert_eq!(about(&whole), "");
    }
}
