//! Who stands in a document, by the row's person fields. Pure.

use serde_json::Value;

use crate::kinds::item::{at, scalar};
use crate::kinds::{Kind, Person, Who};

/// A person in an identity field of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mention {
    /// Path of the field.
    pub field: String,
    /// What the value is.
    #[serde(rename = "as")]
    pub form: &'static str,
    pub value: String,
}

/// The members of the data plane's user record that name a person, and as what.
const USER: &[(&str, &str)] = &[
    ("userObjectId", "object-id"),
    ("userPuId", "puid"),
    ("userAltSecId", "alt-sec-id"),
    ("upn", "upn"),
    ("userName", "name"),
];

/// Everyone whom the identity fields name. Free text is not looked at here.
pub fn mentions(kind: &Kind, doc: &Value) -> Vec<Mention> {
    kind.person
        .iter()
        .flat_map(|person| of_field(person, doc))
        .collect()
}

fn of_field(person: &Person, doc: &Value) -> Vec<Mention> {
    let plain = |form: &'static str| {
        at(doc, person.path)
            .into_iter()
            .filter_map(scalar)
            .map(|value| Mention {
                field: person.path.to_owned(),
                form,
                value,
            })
            .collect::<Vec<_>>()
    };
    match person.who {
        Who::User => at(doc, person.path)
            .into_iter()
            .flat_map(|user| {
                USER.iter().filter_map(|(member, form)| {
                    let value = at(user, member).into_iter().find_map(scalar)?;
                    Some(Mention {
                        field: format!("{}/{member}", person.path),
                        form,
                        value,
                    })
                })
            })
            .collect(),
        Who::ObjectId => plain("object-id"),
        Who::Email => plain("upn-or-name"),
        Who::Name => plain("name"),
        Who::FreeText => Vec::new(),
    }
}

/// The times of a document, by the row: field and value.
pub fn times(kind: &Kind, doc: &Value) -> Vec<(String, String)> {
    kind.times
        .iter()
        .filter_map(|path| {
            Some((
                (*path).to_owned(),
                at(doc, path).into_iter().find_map(scalar)?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_record_is_taken_apart() {
        let doc = serde_json::json!({"createdBy": {"userObjectId": "o-1", "userName": "Ada Quill", "upn": null}, "userId": "o-1"});
        let runs = crate::kinds::find("runs").expect("row");
        let found = mentions(runs, &doc);
        let of = |form: &str| {
            found
                .iter()
                .filter(|m| m.form == form)
                .map(|m| m.field.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("object-id"), ["createdBy/userObjectId", "userId"]);
        assert_eq!(of("name"), ["createdBy/userName"]);
        assert!(of("upn").is_empty());
    }
}
