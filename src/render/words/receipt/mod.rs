//! Every text of the page of a receipt, one struct for all languages, beside the words of the report that it shares.

mod en;
mod fr;
mod nl;

pub(in crate::render) use en::EN;
pub(in crate::render) use fr::FR;
pub(in crate::render) use nl::NL;

use crate::render::language::Plural;

/// What remains, or who has to be told: its name, until when, and whom to ask.
pub(in crate::render) type Told = (&'static str, &'static str, &'static str);

/// The texts of one language.
#[derive(Debug)]
pub(in crate::render) struct ReceiptWords {
    pub(in crate::render) title: &'static str,
    pub(in crate::render) caution: Plural,
    // What this is.
    pub(in crate::render) about: &'static str,
    pub(in crate::render) about_text: [&'static str; 3],
    // What was asked.
    pub(in crate::render) asked: &'static str,
    pub(in crate::render) case: &'static str,
    pub(in crate::render) not_stated: &'static str,
    pub(in crate::render) responsible: &'static str,
    pub(in crate::render) about_whom: &'static str,
    pub(in crate::render) one_person: Plural,
    pub(in crate::render) no_person: &'static str,
    pub(in crate::render) began: &'static str,
    pub(in crate::render) ended: &'static str,
    pub(in crate::render) approvals: &'static str,
    pub(in crate::render) approvals_text: &'static str,
    pub(in crate::render) export: &'static str,
    pub(in crate::render) export_bag: &'static str,
    pub(in crate::render) export_without: &'static str,
    pub(in crate::render) plan: &'static str,
    // What came of it.
    pub(in crate::render) outcome: &'static str,
    pub(in crate::render) nothing: &'static str,
    pub(in crate::render) items: Plural,
    pub(in crate::render) outcome_caption: &'static str,
    pub(in crate::render) state: &'static str,
    pub(in crate::render) items_head: &'static str,
    pub(in crate::render) left_title: &'static str,
    pub(in crate::render) left_text: &'static str,
    pub(in crate::render) left_caption: &'static str,
    pub(in crate::render) decision: &'static str,
    pub(in crate::render) in_detail: &'static str,
    // The states, in the order of `End::ALL`: name, and what it means.
    pub(in crate::render) states_title: &'static str,
    pub(in crate::render) states_text: &'static str,
    pub(in crate::render) states: [(&'static str, &'static str); 13],
    /// In the order of `Decision`, and beside each the words for items that nobody asked for.
    pub(in crate::render) decisions: [&'static str; 6],
    pub(in crate::render) not_asked: &'static str,
    // What remains, in the order of `residue::What`.
    pub(in crate::render) remains_title: &'static str,
    pub(in crate::render) remains_text: &'static str,
    pub(in crate::render) until: &'static str,
    pub(in crate::render) ask: &'static str,
    pub(in crate::render) remains: [Told; 17],
    // Whom to tell, in the order of `residue::Whom`.
    pub(in crate::render) notify_title: &'static str,
    pub(in crate::render) notify_text: &'static str,
    pub(in crate::render) whom: [(&'static str, &'static str); 7],
    // How to check it.
    pub(in crate::render) check: &'static str,
    pub(in crate::render) check_text: &'static str,
    pub(in crate::render) check_tool: &'static str,
    pub(in crate::render) check_openssl: &'static str,
    pub(in crate::render) check_key: &'static str,
    pub(in crate::render) signed: &'static str,
    pub(in crate::render) unsigned: &'static str,
    pub(in crate::render) fingerprint: &'static str,
    pub(in crate::render) journal: &'static str,
    pub(in crate::render) journal_text: &'static str,
    pub(in crate::render) hashes_title: &'static str,
    pub(in crate::render) hashes_text: &'static str,
}
