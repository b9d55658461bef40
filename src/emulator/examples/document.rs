//! Documents of the examples: which are of one name, and the one value that is changed.

use crate::emulator::text;
use serde_json::Value;
use serde_json::value::RawValue;

/// The documents of a collection by their names, in the order of their publication. Those of one name are all different.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) names: Vec<(String, Vec<String>)>,
}

impl Shelf {
    pub(super) fn put(&mut self, document: &str) {
        let name = field(document, "name");
        let at = self.names.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| {
            self.names.push((name, Vec::new()));
            self.names.len() - 1
        });
        let documents = &mut self.names[at].1;
        // Values make a document, not the order of its keys.
        let told = |text: &str| serde_json::from_str::<Value>(text).ok();
        if documents.iter().all(|known| told(known) != told(document)) {
            documents.push(document.to_owned());
        }
    }

    pub(super) fn most(&self) -> usize {
        self.names
            .iter()
            .map(|(_, docs)| docs.len())
            .max()
            .unwrap_or(0)
    }

    /// What the n-th workspace shows.
    pub(super) fn shown(&self, n: usize) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().filter_map(move |(name, docs)| {
            let doc = docs.get(n.min(docs.len() - 1))?;
            Some((name.as_str(), doc.as_str()))
        })
    }
}

pub(super) fn field(document: &str, name: &str) -> String {
    let doc: Value = serde_json::from_str(document).unwrap_or_default();
    doc[name].as_str().unwrap_or_default().to_owned()
}

/// The document of a workspace, with a discovery that leads to this server. The one value that is changed.
pub(super) fn discovered(doc: &str, url: &str) -> String {
    const KEY: &str = "\"discoveryUrl\":";
    let Some(at) = doc.find(KEY).map(|at| at + KEY.len()) else {
        return doc.to_owned();
    };
    let mut old = serde_json::Deserializer::from_str(&doc[at..]).into_iter::<&RawValue>();
    let length = match old.next() {
        Some(Ok(old)) => old.get().len(),
        _ => return doc.to_owned(),
    };
    let mut out = doc[..at].to_owned();
    text::quote(url, &mut out);
    out.push_str(&doc[at + length..]);
    out
}
