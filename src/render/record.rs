//! One record as a list of its main details.

use serde_json::Value as Json;

use super::html::{Link, Row, Value};
use super::language::Language;
use super::people::{self, Capacity};
use super::survey::moment;
use super::words::{Words, fill, names};
use crate::bag::{Documents, Item, ItemMatch};
use crate::kinds::item::{at, first, scalar};
use crate::kinds::roots;

/// What is shown of a long text.
pub(super) const LONG: usize = 300;
/// A document that is longer is not opened: its parts would be many times as large in memory.
const DOCUMENT: usize = 1 << 20;
/// Values under one label.
const VALUES: usize = 12;

/// A label, and the fields that may stand under it, the best first.
type Main = (fn(&Words) -> &'static str, &'static str);

/// Details that documents of many kinds have. People, times and files come from the inventory.
const MAIN: &[Main] = &[
    (
        |words| words.names_label,
        "displayName|properties/displayName|name|data/name|properties/name",
    ),
    (
        |words| words.description,
        "description|properties/description|data/description",
    ),
    (|words| words.path, "path"),
    (
        |words| words.status,
        "status|state|entityStatus|status/statusCode|properties/provisioningState|properties/status|data/entityStatus",
    ),
    (
        |words| words.type_label,
        "runType|datasetType|dataStoreType|computeType|properties/computeType|properties/jobType|deploymentType|framework|type",
    ),
    (
        |words| words.version,
        "version|versionId|properties/version",
    ),
];
const TAGS: [&str; 3] = ["tags", "kvTags", "properties/tags"];

/// What records of one page have in common.
pub(super) struct Recorder<'a> {
    pub(super) language: Language,
    pub(super) link: &'a Link,
    /// Whether the workspace or registry must be named, since there are several.
    pub(super) several: bool,
    /// Whether it is the bag of one person.
    pub(super) of_subject: bool,
}

impl Recorder<'_> {
    /// The details of a record. A document that cannot be read is said to be so, and the rest is still shown.
    pub(super) fn rows(&self, item: &Item, documents: &mut Documents) -> Vec<Row> {
        let words = self.language.words();
        let mut rows = vec![Row::of(words.identifier, vec![self.value(&item.id)])];
        let mut problem = None;
        if let (Some(file), Some(line)) = (&item.file, item.line) {
            match documents.get(file, line) {
                Ok(bytes) if bytes.len() > DOCUMENT => {
                    let size = self.language.size(bytes.len() as u64);
                    problem = Some(fill(words.record_too_long, &[("size", &size)]));
                }
                Ok(bytes) => match serde_json::from_slice(bytes) {
                    Ok(document) => self.main(&document, &item.id, &mut rows),
                    Err(_) => problem = Some(words.record_unread.to_owned()),
                },
                Err(_) => problem = Some(words.record_unread.to_owned()),
            }
        }
        if self.of_subject {
            rows.push(Row::of(words.why, self.why(item.matched.as_ref())));
        }
        if let Some(parent) = &item.parent {
            let mut value = self.value(&parent.id);
            value.before = Some(
                self.value(&names::name_of(&parent.kind, self.language))
                    .text,
            );
            rows.push(Row::of(words.belongs_to, vec![value]));
        }
        if let Some(same) = &item.same_as {
            let mut value = self.value(&same.id);
            value.before = Some(self.value(&names::name_of(&same.kind, self.language)).text);
            rows.push(Row::of(words.same_as, vec![value]));
        }
        if self.several {
            let root = roots::root_of_label(&item.workspace);
            let label = if *root == roots::WORKSPACES {
                words.workspace
            } else {
                words.registry
            };
            let name = root.name_of(&item.workspace);
            rows.push(Row::of(label, vec![self.value(name)]));
        }
        self.people(item, &mut rows);
        self.times(item, &mut rows);
        self.bytes(item, &mut rows);
        if !item.redactions.is_empty() {
            let count = self.language.count(item.redactions.len() as u64);
            rows.push(Row::of(words.removed, vec![Value::own(count)]));
        }
        if let Some(file) = &item.file {
            let mut value = self.value(file);
            value.href = self.link.to(file);
            if let Some(line) = item.line {
                let line = self.language.count(line);
                value.after = Some(fill(words.line, &[("n", &line)]));
            }
            let mut values = vec![value];
            values.extend(problem.map(Value::own));
            rows.push(Row::of(words.document, values));
        }
        rows
    }

    fn value(&self, text: &str) -> Value {
        Value::foreign(text, LONG, self.language)
    }

    fn main(&self, document: &Json, id: &str, rows: &mut Vec<Row>) {
        let words = self.language.words();
        for (label, paths) in MAIN {
            if let Some(text) = first(document, paths).filter(|text| text != id) {
                rows.push(Row::of(label(words), vec![self.value(&text)]));
            }
        }
        let tags: Vec<Value> = TAGS
            .iter()
            .flat_map(|path| at(document, path))
            .filter_map(Json::as_object)
            .flatten()
            .take(VALUES)
            .map(|(key, value)| {
                let value = scalar(value).unwrap_or_default();
                self.value(&format!("{key}: {value}"))
            })
            .collect();
        if !tags.is_empty() {
            rows.push(Row::of(words.tags, tags));
        }
    }

    fn why(&self, matched: Option<&ItemMatch>) -> Vec<Value> {
        let words = self.language.words();
        let Some(matched) = matched else {
            return vec![Value::own(words.why_related)];
        };
        let strength = if matched.strength == "exact" {
            words.why_exact
        } else {
            words.why_candidate
        };
        let mut values = vec![Value::own(strength)];
        for field in matched.fields.iter().take(VALUES) {
            let mut value = self.value(&field.pointer);
            value.before = Some(self.form(&field.form));
            value.code = true;
            values.push(value);
        }
        values
    }

    fn form(&self, form: &str) -> String {
        let known = self.language.words().form_names.of(form);
        known.map_or_else(|| self.value(form).text, str::to_owned)
    }

    fn people(&self, item: &Item, rows: &mut Vec<Row>) {
        let words = self.language.words();
        for (capacity, mut people) in people::by_capacity(&item.people) {
            people.sort_by_key(|person| std::cmp::Reverse(people::strength(&person.role)));
            let mut values: Vec<Value> = Vec::new();
            for person in people {
                let mut value = self.value(&person.value);
                value.after = Some(format!("({})", self.form(&person.role)));
                let known = |one: &Value| one.text == value.text && one.after == value.after;
                // One field often says the same twice, in two spellings of its name.
                if values.len() < VALUES && !values.iter().any(known) {
                    values.push(value);
                }
            }
            rows.push(Row::of(capacity_name(words, capacity), values));
        }
    }

    fn times(&self, item: &Item, rows: &mut Vec<Row>) {
        for time in &item.times {
            let value = match moment(&time.value) {
                Some(moment) => Value::own(self.language.moment(moment)),
                None => self.value(&time.value),
            };
            let row = match self.time_label(&time.field) {
                Some(label) => Row::of(label, vec![value]),
                None => Row::coded(self.value(&time.field).text, vec![value]),
            };
            // A resource has its own time and the manager's, which are mostly the same.
            let same = |known: &Row| {
                known.label == row.label
                    && known.values.first().map(|value| &value.text)
                        == row.values.first().map(|value| &value.text)
            };
            if !rows.iter().any(same) {
                rows.push(row);
            }
        }
    }

    /// What a field of time is called by people; others keep their own names.
    fn time_label(&self, field: &str) -> Option<&'static str> {
        let words = self.language.words();
        let last = field.rsplit('/').next()?.to_ascii_lowercase();
        Some(match last.as_str() {
            "createdutc" | "createdtime" | "createdtimeutc" | "createddate" | "createdat"
            | "createdon" | "creationtime" => words.created,
            "lastmodifiedutc" | "modifiedtime" | "lastmodifieddate" | "lastmodifiedat"
            | "modifiedon" | "updatedtime" => words.changed,
            "starttimeutc" | "starttime" => words.began,
            "endtimeutc" | "endtime" => words.ended,
            _ => return None,
        })
    }

    fn bytes(&self, item: &Item, rows: &mut Vec<Row>) {
        let words = self.language.words();
        let Some(bytes) = &item.bytes else { return };
        let value = if let Some(path) = &bytes.path {
            let mut value = self.value(path);
            value.href = self.link.to(path);
            value.after = bytes.length.map(|length| self.language.size(length));
            value
        } else {
            let mut value = Value::own(words.left);
            if let Some(why) = &bytes.left {
                value = self.value(why);
                value.before = Some(words.left.to_owned());
            }
            value
        };
        rows.push(Row::of(words.file, vec![value]));
    }
}

pub(super) fn capacity_name(words: &Words, capacity: Capacity) -> &'static str {
    words.capacity_names[capacity as usize]
}
