//! Every text of the report, one struct for all languages: a text that is missing in one of them does not compile.
//!
//! `{…}` in a text is replaced by what the name says. What a service or a person wrote never goes into a sentence, but stands
//! in an element of its own, so that its direction and its quotation marks cannot disturb the words around it.

mod en;
mod fr;
pub(super) mod names;
mod nl;
pub(super) mod receipt;

pub(super) use en::EN;
pub(super) use fr::FR;
pub(super) use nl::NL;

use super::language::Plural;

/// The texts of one language.
#[derive(Debug)]
pub struct Words {
    // Numbers and times.
    pub months: [&'static str; 12],
    pub moment: &'static str,
    pub bytes: Plural,
    pub units: [&'static str; 4],
    pub records: Plural,
    pub kinds: Plural,
    pub workspaces: Plural,
    pub registries: Plural,
    pub both: &'static str,
    pub files: Plural,
    pub gaps: Plural,
    pub notes: Plural,
    pub secrets: Plural,
    pub at_least: &'static str,
    pub cut: &'static str,
    pub line: &'static str,
    pub more_files: Plural,
    // The frame of the page.
    pub title_whole: &'static str,
    pub title_subject: &'static str,
    pub skip: &'static str,
    pub contents: &'static str,
    pub made_by: &'static str,
    // What this is.
    pub about: &'static str,
    pub about_whole: &'static str,
    pub about_subject: &'static str,
    pub about_access: &'static str,
    pub about_portability: &'static str,
    pub how_title: &'static str,
    pub how_hidden: &'static str,
    pub how_secrets: &'static str,
    pub how_masked: &'static str,
    pub how_not_masked: &'static str,
    pub how_unsure: &'static str,
    pub how_times: &'static str,
    pub how_links: &'static str,
    pub how_languages: &'static str,
    // What was asked.
    pub asked: &'static str,
    pub scope: &'static str,
    pub workspace: &'static str,
    pub registry: &'static str,
    pub every_workspace: &'static str,
    pub resource_group: &'static str,
    pub subscription: &'static str,
    pub cloud: &'static str,
    pub emulator: &'static str,
    pub identifiers: &'static str,
    pub no_identifiers: &'static str,
    pub right: &'static str,
    pub right_access: &'static str,
    pub right_portability: &'static str,
    pub candidates: &'static str,
    pub candidates_yes: &'static str,
    pub candidates_no: &'static str,
    pub masking: &'static str,
    pub masking_yes: &'static str,
    pub masking_no: &'static str,
    pub not_stated: &'static str,
    pub content: &'static str,
    pub content_yes: &'static str,
    pub content_no: &'static str,
    pub day: &'static str,
    pub day_note: &'static str,
    pub started: &'static str,
    pub finished: &'static str,
    pub tool: &'static str,
    pub organization: &'static str,
    pub shard: &'static str,
    pub shard_note: &'static str,
    pub contact: &'static str,
    // In short.
    pub summary: &'static str,
    pub sum_held: &'static str,
    pub sum_nothing_whole: &'static str,
    pub sum_nothing_subject: &'static str,
    pub sum_files: &'static str,
    pub sum_span: &'static str,
    pub sum_exact: Plural,
    pub sum_candidates: Plural,
    pub sum_related: Plural,
    pub sum_same: Plural,
    pub sum_people: &'static str,
    pub sum_complete: &'static str,
    pub sum_gaps: &'static str,
    pub sum_looked: &'static str,
    pub sum_not_looked: &'static str,
    pub sum_secrets: &'static str,
    // What is held.
    pub held: &'static str,
    pub held_caption: &'static str,
    pub kind: &'static str,
    pub records_head: &'static str,
    pub files_head: &'static str,
    pub size_head: &'static str,
    pub first_head: &'static str,
    pub last_head: &'static str,
    pub total: &'static str,
    pub no_times: &'static str,
    // People.
    pub people: &'static str,
    pub people_whole: &'static str,
    pub people_caption: &'static str,
    pub people_subject: &'static str,
    pub people_subject_caption: &'static str,
    pub capacity: &'static str,
    pub capacity_names: [&'static str; 6],
    pub by_id_head: &'static str,
    pub by_name_head: &'static str,
    pub people_note: &'static str,
    pub exact_head: &'static str,
    pub candidate_head: &'static str,
    pub nobody: &'static str,
    pub forms_caption: &'static str,
    pub form_head: &'static str,
    pub mentions_head: &'static str,
    pub different_head: &'static str,
    pub form_names: Forms,
    // Gaps and coverage.
    pub coverage: &'static str,
    pub coverage_text: &'static str,
    pub gaps_title: &'static str,
    pub gaps_none: &'static str,
    pub gaps_caption: &'static str,
    pub notes_title: &'static str,
    pub notes_text: &'static str,
    pub notes_caption: &'static str,
    pub reason_head: &'static str,
    pub times_head: &'static str,
    pub example_head: &'static str,
    pub gap_classes: Classes,
    pub reasons_language: &'static str,
    pub groups_more: &'static str,
    pub cover_title: &'static str,
    pub cover_text: &'static str,
    pub cover_caption: &'static str,
    pub status_head: &'static str,
    pub statuses: Statuses,
    pub secrets_head: &'static str,
    pub cover_more: &'static str,
    // Beyond reach.
    pub beyond: &'static str,
    pub beyond_text: &'static str,
    pub beyond_rows: [(&'static str, &'static str); 9],
    /// Those of these places that the documents of the export name.
    pub places_title: &'static str,
    pub places_text: &'static str,
    pub places_more: &'static str,
    // Article 15.
    pub article: &'static str,
    pub article_text: &'static str,
    pub article_missing: &'static str,
    pub article_rows: [(&'static str, &'static str); 13],
    // The records.
    pub record_title: &'static str,
    pub record_text: &'static str,
    pub record_first: &'static str,
    pub record_all: &'static str,
    pub record_none: &'static str,
    pub record_files: &'static str,
    pub record_file: &'static str,
    pub record_more: &'static str,
    pub record_too_long: &'static str,
    pub record_unread: &'static str,
    pub identifier: &'static str,
    pub names_label: &'static str,
    pub description: &'static str,
    pub status: &'static str,
    pub type_label: &'static str,
    pub version: &'static str,
    pub tags: &'static str,
    pub path: &'static str,
    pub belongs_to: &'static str,
    pub same_as: &'static str,
    pub created: &'static str,
    pub changed: &'static str,
    pub began: &'static str,
    pub ended: &'static str,
    pub file: &'static str,
    pub left: &'static str,
    pub removed: &'static str,
    pub why: &'static str,
    pub why_exact: &'static str,
    pub why_candidate: &'static str,
    pub why_related: &'static str,
    pub document: &'static str,
    // Checking.
    pub check: &'static str,
    pub check_text: &'static str,
    pub check_tool: &'static str,
    pub check_sums: &'static str,
    pub check_bagit: &'static str,
    pub check_info: &'static str,
}

/// What an identifier of a person is.
#[derive(Debug)]
pub struct Forms {
    pub object_id: &'static str,
    pub puid: &'static str,
    pub alt_sec_id: &'static str,
    pub mail: &'static str,
    pub mail_or_name: &'static str,
    pub name: &'static str,
}

impl Forms {
    /// The words for a form as the inventory writes it.
    pub fn of(&self, form: &str) -> Option<&'static str> {
        Some(match form {
            "object-id" => self.object_id,
            "puid" => self.puid,
            "alt-sec-id" => self.alt_sec_id,
            "mail" | "upn" | "email" => self.mail,
            "upn-or-name" => self.mail_or_name,
            "name" => self.name,
            _ => return None,
        })
    }
}

/// Why something is missing.
#[derive(Debug)]
pub struct Classes {
    pub denied: &'static str,
    pub not_offered: &'static str,
    pub throttled: &'static str,
    pub malformed: &'static str,
    pub too_large: &'static str,
    pub vanished: &'static str,
    pub network: &'static str,
    pub service: &'static str,
    pub storage: &'static str,
    pub panic: &'static str,
    pub changed: &'static str,
}

impl Classes {
    /// The words for a class as `gaps.jsonl` writes it.
    pub fn of(&self, class: &str) -> Option<&'static str> {
        Some(match class {
            "denied" => self.denied,
            "not-offered" => self.not_offered,
            "throttled" => self.throttled,
            "malformed" => self.malformed,
            "too-large" => self.too_large,
            "vanished" => self.vanished,
            "network" => self.network,
            "service" => self.service,
            "storage" => self.storage,
            "panic" => self.panic,
            "changed" => self.changed,
            _ => return None,
        })
    }
}

/// What can be said about a kind in a workspace or registry.
#[derive(Debug)]
pub struct Statuses {
    pub items: &'static str,
    pub empty: &'static str,
    pub denied: &'static str,
    pub retired: &'static str,
    pub not_offered: &'static str,
    pub failed: &'static str,
    pub not_asked: &'static str,
    pub other_shards: &'static str,
    pub outside: &'static str,
    pub by_name: &'static str,
}

impl Statuses {
    /// The words for a status as `coverage.jsonl` writes it.
    pub fn of(&self, status: &str) -> Option<&'static str> {
        Some(match status {
            "items" => self.items,
            "empty" => self.empty,
            "denied" => self.denied,
            "retired" => self.retired,
            "not-offered" => self.not_offered,
            "failed" => self.failed,
            "not-asked" => self.not_asked,
            "other-shards" => self.other_shards,
            "outside" => self.outside,
            "by-name" => self.by_name,
            _ => return None,
        })
    }
}

/// Puts values in the place of their names.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
