//! Which values of a document are identity fields, by the row.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::Form;
use super::steps::Steps;
use crate::kinds::{self, Kind, Who};

/// The members of the data plane's user record that name a person, and which of them prove who it is. An address proves
/// nothing against anybody: one person may have several, and all of them are seldom known.
const USER: &[(&str, Option<Form>)] = &[
    ("userObjectId", Some(Form::ObjectId)),
    ("userPuId", Some(Form::Puid)),
    ("userAltSecId", Some(Form::AltSecId)),
    ("upn", None),
    ("userName", None),
];

/// An identity field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    /// Its path in the catalogue.
    pub(super) path: &'static str,
    /// It holds a display name, which is never more than a candidate.
    pub(super) name_only: bool,
    /// What the value is, where it says who the whole record beside it is about.
    pub(super) proves: Option<Form>,
}

/// The identity fields of a row.
#[derive(Debug, Clone)]
pub(super) struct Roles(Vec<(Vec<&'static str>, Role)>);

/// Those of every row of the catalogue, by its name: a document takes less time than its row.
static KNOWN: LazyLock<HashMap<&'static str, (&'static Kind, Roles)>> = LazyLock::new(|| {
    let row = |kind: &'static Kind| (kind.name, (kind, Roles::read(kind)));
    kinds::all().map(row).collect()
});

impl Roles {
    /// Those of a row, be it one of the catalogue or not.
    pub(super) fn of(kind: &Kind) -> Cow<'static, Self> {
        match KNOWN.get(kind.name) {
            Some((known, roles)) if std::ptr::eq(*known, kind) => Cow::Borrowed(roles),
            _ => Cow::Owned(Self::read(kind)),
        }
    }

    fn read(kind: &Kind) -> Self {
        let mut roles = Vec::new();
        for person in kind.person {
            let steps: Vec<&'static str> = person.path.split('/').collect();
            let role = Role {
                path: person.path,
                name_only: person.who == Who::Name,
                proves: None,
            };
            match person.who {
                Who::User => roles.extend(USER.iter().map(|(member, proves)| {
                    let mut steps = steps.clone();
                    steps.push(member);
                    let proves = *proves;
                    (steps, Role { proves, ..role })
                })),
                Who::ObjectId => {
                    // The creator of a compute instance is a record of two fields, without being a user record.
                    let paired = steps.len() > 1 && person.path.ends_with("/userId");
                    let proves = paired.then_some(Form::ObjectId);
                    roles.push((steps, Role { proves, ..role }));
                }
                Who::Email | Who::Name => roles.push((steps, role)),
                Who::FreeText => {}
            }
        }
        // Where two rows of the table name one field, what it holds at best counts.
        roles.sort_by_key(|(_, role)| role.name_only);
        Self(roles)
    }

    /// The role of the value at these steps. Keys are compared without case, as everywhere in the catalogue.
    pub(super) fn at(&self, steps: &Steps) -> Option<Role> {
        let fits = |path: &[&str]| {
            path.len() == steps.len()
                && (0..path.len())
                    .rev()
                    .all(|at| path[at] == "*" || steps.step(at).eq_ignore_ascii_case(path[at]))
        };
        let (_, role) = self.0.iter().find(|(path, _)| fits(path))?;
        Some(*role)
    }
}
