//! The identity fields of a document: which of them name one and the same person, and where they stand.

use serde_json::Value;

use super::super::{Form, Identifier, fold};
use crate::kinds::{Kind, Who};

/// An identifier as the registry knows it: its form and its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) form: Form,
    pub(super) key: String,
}

impl Id {
    /// White space is one space: a display name that was typed with two is the same name.
    pub(super) fn new(form: Form, value: &str) -> Self {
        let spaced = value.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            form,
            key: fold(&spaced),
        }
    }
}

/// A field that names a person.
#[derive(Debug)]
pub(super) struct Field {
    /// JSON pointer (RFC 6901) of the field.
    pub(super) pointer: String,
    pub(super) id: Id,
    pub(super) value: String,
}

/// One person, by one or several identifiers.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) fields: Vec<Field>,
    /// A service principal or a managed identity: no person, so it is never masked.
    pub(super) application: bool,
}

/// What a member of a user record is; `None` as form leaves it to the shape of the value.
const MEMBERS: &[(&str, Option<Form>)] = &[
    ("userObjectId", Some(Form::ObjectId)),
    ("userId", Some(Form::ObjectId)),
    ("userPuId", Some(Form::Puid)),
    ("userAltSecId", Some(Form::AltSecId)),
    ("upn", None),
    ("userName", None),
];

/// Stands in many records where nobody does.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Everyone in the identity fields, record by record.
///
/// A row may name members of a user record one by one (`createdBy/userName`, `createdBy/userId`): those are read as the
/// record they stand in. Fields that merely stand side by side (`systemData/createdBy`, `systemData/lastModifiedBy`) are
/// records of their own.
pub(super) fn records(kind: &Kind, doc: &Value) -> Vec<Record> {
    let mut found = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for person in kind.person {
        let form = match person.who {
            Who::FreeText => continue,
            Who::User => Some(person.path),
            _ => person
                .path
                .rsplit_once('/')
                .filter(|(_, leaf)| starts_with_user(leaf))
                .map(|(parent, _)| parent),
        };
        if let Some(path) = form {
            if !done.contains(&path) {
                done.push(path);
                found.extend(places(doc, path).iter().map(user));
            }
            continue;
        }
        let form = match person.who {
            Who::ObjectId => Some(Form::ObjectId),
            _ => None,
        };
        for place in places(doc, person.path) {
            found.extend(field(&place, form).map(|field| Record {
                application: made_by_program(doc, &field.pointer),
                fields: vec![field],
            }));
        }
    }
    found.retain(|record| !record.fields.is_empty());
    found
}

fn starts_with_user(leaf: &str) -> bool {
    leaf.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("user"))
}

fn user(place: &(String, &Value)) -> Record {
    let fields: Vec<Field> = MEMBERS
        .iter()
        .flat_map(|(member, form)| {
            step(place, member)
                .into_iter()
                .filter_map(|place| field(&place, *form))
        })
        .collect();
    // Azure shows the application's id where a person would have a name, and nothing a person signs in with.
    let application = fields.iter().any(|f| {
        f.pointer
            .rsplit('/')
            .next()
            .is_some_and(|leaf| leaf.eq_ignore_ascii_case("userName"))
            && f.id.form == Form::ObjectId
    }) && fields.iter().all(|f| f.id.form == Form::ObjectId);
    Record {
        fields,
        application,
    }
}

fn field((pointer, value): &(String, &Value), form: Option<Form>) -> Option<Field> {
    let value = value.as_str()?.trim();
    if value.is_empty() || value == NOBODY {
        return None;
    }
    Some(Field {
        pointer: pointer.clone(),
        id: Id::new(form.unwrap_or_else(|| shape(value)), value),
        value: value.to_owned(),
    })
}

/// What a value is by its looks.
pub(super) fn shape(value: &str) -> Form {
    [Form::ObjectId, Form::AltSecId, Form::Puid, Form::Mail]
        .into_iter()
        .find(|form| Identifier::new(*form, value).is_ok())
        .unwrap_or(Form::Name)
}

/// ARM says beside each field what made the change: `createdBy` has a `createdByType`.
fn made_by_program(doc: &Value, pointer: &str) -> bool {
    doc.pointer(&format!("{pointer}Type"))
        .and_then(Value::as_str)
        .is_some_and(|made| !made.eq_ignore_ascii_case("User"))
}

/// The values at a path of a row, each with its pointer.
fn places<'v>(doc: &'v Value, path: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), doc)];
    for name in path.split('/') {
        found = found.iter().flat_map(|place| step(place, name)).collect();
    }
    found
}

fn step<'v>((pointer, value): &(String, &'v Value), name: &str) -> Vec<(String, &'v Value)> {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| name == "*" || key.eq_ignore_ascii_case(name))
            .map(|(key, value)| (format!("{pointer}/{}", escape(key)), value))
            .collect(),
        Value::Array(items) if name == "*" => items
            .iter()
            .enumerate()
            .map(|(at, value)| (format!("{pointer}/{at}"), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// A key as a step of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::find;
    use serde_json::json;

    #[test]
    fn members_of_one_record_belong_together() {
        let computes = find("computes").expect("row");
        let doc = json!({"properties": {"properties": {"createdBy": {"userName": "ada@contoso.com", "userId": "5c1d0a2e-0000-4000-8000-000000000001", "userOrgId": "t"}}},
            "systemData": {"createdBy": "Ada Quill", "createdByType": "User", "lastModifiedBy": "5c1d0a2e-0000-4000-8000-000000000009", "lastModifiedByType": "Application"}});
        let found = records(computes, &doc);
        let sizes: Vec<_> = found.iter().map(|r| r.fields.len()).collect();
        assert_eq!(sizes, [2, 1, 1]);
        assert_eq!(
            found.iter().map(|r| r.application).collect::<Vec<_>>(),
            [false, false, true]
        );
        assert_eq!(found[1].fields[0].pointer, "/systemData/createdBy");
    }

    #[test]
    fn a_record_of_a_service_principal_is_no_person() {
        let runs = find("runs").expect("row");
        let doc = json!({"createdBy": {"userObjectId": "5c1d0a2e-0000-4000-8000-000000000001", "userName": "5c1d0a2e-0000-4000-8000-000000000002", "userPuId": null}});
        assert!(records(runs, &doc)[0].application);
    }
}
