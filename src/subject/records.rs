//! Records that name a person by several fields, so that a namesake is told apart by the object id beside the name.

use std::collections::BTreeMap;

use super::{Form, Match, Matcher, Place, fold};

/// The strong identifiers of each record of a document, by the record's pointer.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<String, Vec<(Form, String)>>);

impl Records {
    pub(super) fn note(&mut self, record: String, form: Form, value: &str) {
        if !value.trim().is_empty() {
            let known = self.0.entry(record).or_default();
            known.push((form, value.to_owned()));
        }
    }

    /// Marks the names and addresses that stand in a record of somebody else.
    pub(super) fn judge(&self, matcher: &Matcher, found: &mut [Match]) {
        for one in found {
            let weak = matches!(one.form, Form::Name | Form::Mail);
            let Some((record, member)) = one.pointer.rsplit_once('/') else {
                continue;
            };
            // Only these stand for the same person as what proves it; `createdBy` and `lastModifiedBy` may be two.
            let beside = ["userName", "upn"]
                .iter()
                .any(|name| member.eq_ignore_ascii_case(name));
            if weak && beside && matches!(one.place, Place::Identity { .. }) {
                one.contradicted = self
                    .0
                    .get(record)
                    .is_some_and(|known| somebody_else(matcher, known));
            }
        }
    }
}

/// None of these is the subject's, and one is of a form of which the subject's own is known.
fn somebody_else(matcher: &Matcher, known: &[(Form, String)]) -> bool {
    let theirs = |(_, value): &(Form, String)| matcher.targets.iter().any(|t| t.is(value));
    let comparable = |(form, value): &(Form, String)| {
        matcher.targets.iter().any(|target| {
            target.form == *form
                && (*form != Form::AltSecId || issuer(&target.key) == issuer(&fold(value)))
        })
    };
    !known.iter().any(theirs) && known.iter().any(comparable)
}

/// One person may have an alternative security id of each issuer: `1:live.com:` and `5::`.
fn issuer(id: &str) -> String {
    id.rsplit_once(':')
        .map_or_else(String::new, |(issuer, _)| issuer.to_owned())
}
