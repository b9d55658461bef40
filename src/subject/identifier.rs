//! An identifier of a person: what kind it is, told by its shape or said outright.

use std::fmt;

use super::fold;

/// What an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The object id in the directory: a GUID. The strongest there is.
    ObjectId,
    /// The passport id: 16 hex digits that begin with `100`.
    Puid,
    /// The alternative security id: `5::<PUID>`, or `1:live.com:<hex>` for a personal account.
    AltSecId,
    /// User principal name or e-mail address: Azure shows either in the same fields.
    Mail,
    /// A display name. Two people may share it, so it never proves anything.
    Name,
}

impl Form {
    /// Every form, the strongest first.
    pub const ALL: [Self; 5] = [
        Self::ObjectId,
        Self::Puid,
        Self::AltSecId,
        Self::Mail,
        Self::Name,
    ];

    /// The word for it in outputs and in `kind:value`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ObjectId => "object-id",
            Self::Puid => "puid",
            Self::AltSecId => "alt-sec-id",
            Self::Mail => "mail",
            Self::Name => "name",
        }
    }

    fn named(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "object-id" | "objectid" | "oid" => Some(Self::ObjectId),
            "puid" => Some(Self::Puid),
            "alt-sec-id" | "altsecid" => Some(Self::AltSecId),
            "mail" | "email" | "e-mail" | "upn" => Some(Self::Mail),
            "name" | "display-name" => Some(Self::Name),
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An identifier of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier {
    pub form: Form,
    /// As it was given, without white space around it; an object id with dashes and without braces.
    pub value: String,
}

/// What is wrong with an identifier that was given, and what to give in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    #[error("an identifier is empty; give an object id, an e-mail address or a name")]
    Empty,
    #[error(
        "`{0}` is too short to look for: it would be found in everything; give a longer identifier"
    )]
    TooShort(String),
    #[error("`{value}` is no {form}: {wanted}")]
    Misshapen {
        value: String,
        form: Form,
        wanted: &'static str,
    },
    #[error(
        "the list of identifiers cannot be understood: {0}; give JSON, or one identifier a line"
    )]
    BadList(String),
    #[error(
        "`{0}` stands for nobody, and everything would be found; give the person's own object id"
    )]
    Placeholder(String),
    #[error("nobody is named; give an object id, an e-mail address or a name")]
    Nobody,
    #[error("so many identifiers cannot be looked for at once: {0}")]
    TooMany(String),
}

impl Identifier {
    /// An identifier of a form that is said. The error says what the form looks like.
    pub fn new(form: Form, value: &str) -> Result<Self, SubjectError> {
        let value = value.trim();
        if value.is_empty() {
            return Err(SubjectError::Empty);
        }
        let dashed = guid(value).filter(|_| form == Form::ObjectId);
        let value = dashed.as_deref().unwrap_or(value);
        // Azure writes the empty GUID where there is nobody.
        if form == Form::ObjectId && value.bytes().all(|b| b == b'0' || b == b'-') && is_guid(value)
        {
            return Err(SubjectError::Placeholder(value.to_owned()));
        }
        let wanted = match form {
            Form::ObjectId if !is_guid(value) => {
                "it is a GUID, such as 5c1d0a2e-0000-4000-8000-000000000001"
            }
            Form::Puid if !is_puid(value) => "it is 16 hex digits, such as 10032000A1B2C3D4",
            Form::AltSecId if !is_alt_sec_id(value) => {
                "it looks like 5::10032000A1B2C3D4 or 1:live.com:0003BFFD1A2B3C4D"
            }
            Form::Mail if !is_mail(value) => "it has a name, an at sign and a domain",
            Form::Name if value.chars().filter(|c| c.is_alphanumeric()).count() < 2 => {
                return Err(SubjectError::TooShort(value.to_owned()));
            }
            _ => {
                return Ok(Self {
                    form,
                    value: value.to_owned(),
                });
            }
        };
        Err(SubjectError::Misshapen {
            value: value.to_owned(),
            form,
            wanted,
        })
    }

    /// An identifier as a person types it: `kind:value`, or a value whose shape says what it is. What has no other shape is
    /// a name.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        let text = text.trim();
        if let Some((word, value)) = text.split_once(':')
            && let Some(form) = Form::named(word.trim())
        {
            return Self::new(form, value);
        }
        let form = if guid(text).is_some() {
            Form::ObjectId
        } else if is_alt_sec_id(text) {
            Form::AltSecId
        } else if is_puid(text) {
            Form::Puid
        } else if is_mail(text) {
            Form::Mail
        } else {
            Form::Name
        };
        Self::new(form, text)
    }

    /// The spelling under which two identifiers are the same.
    pub fn key(&self) -> String {
        fold(&self.value)
    }
}

fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

/// A GUID in its usual spelling, from one that may stand in braces or lack its dashes.
fn guid(text: &str) -> Option<String> {
    let bare = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    if is_guid(bare) {
        return Some(bare.to_owned());
    }
    let hex = bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| {
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &bare[range]);
        parts.join("-")
    })
}

fn is_puid(text: &str) -> bool {
    text.len() == 16 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_alt_sec_id(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let kind = parts.next().unwrap_or_default();
    let known = matches!(kind, "1" | "5" | "6");
    let (Some(_), Some(id)) = (parts.next(), parts.next()) else {
        return false;
    };
    known && id.len() >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A mailbox and a domain; a guest's principal name (`sam_outlook.example#EXT#@contoso.com`) has one as well.
fn is_mail(text: &str) -> bool {
    let Some((mailbox, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !mailbox.is_empty()
        && domain.len() > 2
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_says_what_it_is() {
        for (text, form) in [
            ("5C1D0A2E-0000-4000-8000-000000000001", Form::ObjectId),
            (" ada.lindqvist@contoso.com ", Form::Mail),
            ("sam_outlook.example#EXT#@contoso.com", Form::Mail),
            ("10032000A1B2C3D4", Form::Puid),
            ("5::10032000A1B2C3D4", Form::AltSecId),
            ("1:live.com:0003BFFD1A2B3C4D", Form::AltSecId),
            ("Ada Lindqvist", Form::Name),
            ("王伟", Form::Name),
            ("name:mark@home.example", Form::Name),
            ("upn:ada@contoso.com", Form::Mail),
            ("oid:5c1d0a2e-0000-4000-8000-000000000001", Form::ObjectId),
            ("{5C1D0A2E-0000-4000-8000-000000000001}", Form::ObjectId),
            ("5c1d0a2e000040008000000000000001", Form::ObjectId),
        ] {
            assert_eq!(
                Identifier::parse(text).map(|id| id.form),
                Ok(form),
                "{text}"
            );
        }
    }

    #[test]
    fn an_object_id_has_one_spelling() {
        for text in [
            "{5c1d0a2e-0000-4000-8000-000000000001}",
            "5c1d0a2e000040008000000000000001",
        ] {
            let value = Identifier::parse(text).expect("an object id").value;
            assert_eq!(value, "5c1d0a2e-0000-4000-8000-000000000001");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused_with_a_reason() {
        assert_eq!(Identifier::parse("  "), Err(SubjectError::Empty));
        assert!(matches!(
            Identifier::parse("x"),
            Err(SubjectError::TooShort(_))
        ));
        assert!(matches!(
            Identifier::parse("00000000-0000-0000-0000-000000000000"),
            Err(SubjectError::Placeholder(_))
        ));
        let said = Identifier::parse("oid:ada")
            .expect_err("no GUID")
            .to_string();
        assert!(said.contains("it is a GUID"), "{said}");
    }
}
