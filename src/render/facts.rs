//! What Article 15 GDPR wants said beside the data, and only the controller knows: the controller file.

use serde::Deserialize;

/// The file's facts. All may be missing; what is missing is shown as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Controller {
    pub controller: Lines,
    pub contact: Lines,
    pub data_protection_officer: Lines,
    pub purposes: Lines,
    pub legal_basis: Lines,
    pub categories: Lines,
    pub recipients: Lines,
    pub transfers: Lines,
    pub retention: Lines,
    pub sources: Lines,
    pub automated_decisions: Lines,
    pub rights: Lines,
    pub complaint: Lines,
}

/// One text or several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Lines(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    Nothing(()),
}

impl From<OneOrMany> for Lines {
    fn from(texts: OneOrMany) -> Self {
        let texts = match texts {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
            OneOrMany::Nothing(()) => Vec::new(),
        };
        // Blanks are no answer.
        let texts = texts.iter().map(|text| text.trim().to_owned());
        Self(texts.filter(|text| !text.is_empty()).collect())
    }
}

impl Controller {
    /// Reads the file. A name that is not known is an error: a purpose under a mistyped name would be shown as missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_several_and_none() {
        let file = br#"{"purposes": "research", "recipients": ["Contoso", " ", "Microsoft"], "retention": "", "rights": null}"#;
        let facts = Controller::parse(file).expect("facts");
        assert_eq!(facts.purposes.0, ["research"]);
        assert_eq!(facts.recipients.0, ["Contoso", "Microsoft"]);
        assert!(facts.retention.0.is_empty() && facts.rights.0.is_empty());
    }

    #[test]
    fn a_mistyped_name_is_named() {
        let error = Controller::parse(br#"{"purpose": "research"}"#).expect_err("no such name");
        assert!(error.to_string().contains("`purpose`"), "{error}");
        assert!(Controller::parse(br#"{"purposes": 3}"#).is_err());
    }
}
