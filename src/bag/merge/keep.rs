//! How a block takes what another bag holds already: as it stands, since it was scrubbed when that bag was made.

use super::super::places::{is_own, is_payload};
use super::super::record::Record;
use super::super::{BagError, Block, Severity};
use super::part::{Kept, KeptGap, outside};

impl Block {
    /// Takes an item, and counts it as it was counted when it first came into a bag.
    pub(super) fn keep(&mut self, kept: &Kept) -> Result<(), BagError> {
        let file = kept.file();
        if !file.is_empty() && (!is_payload(file) || is_own(file)) {
            return Err(outside(file));
        }
        self.buffer.append(|to| {
            Record::Item {
                file,
                doc: &kept.doc,
                head: &kept.head,
                tail: &kept.tail,
            }
            .write(to);
        })?;
        let item = &kept.item;
        let tally = self
            .tally
            .entry((item.workspace.clone(), kept.kind))
            .or_default();
        tally.items += 1;
        tally.documents += u64::from(!file.is_empty());
        tally.document_bytes += kept.doc.len() as u64;
        if let Some(bytes) = item.bytes.as_ref().filter(|bytes| bytes.path.is_some()) {
            tally.files += 1;
            tally.file_bytes += bytes.length.unwrap_or_default();
        }
        tally.redactions += item.redactions.len() as u64;
        let by_net = |redaction: &&super::super::ItemRedaction| redaction.by == "net";
        tally.caught += item.redactions.iter().filter(by_net).count() as u64;
        Ok(())
    }

    /// Takes a gap or a note. When it happened, and under which request, is told by the part's own log.
    pub(super) fn keep_gap(&mut self, gap: &KeptGap) -> Result<(), BagError> {
        self.buffer.append(|to| Record::Gap(&gap.line).write(to))?;
        let tally = self
            .tally
            .entry((gap.workspace.clone(), gap.kind))
            .or_default();
        match gap.severity {
            Severity::Gap => tally.gaps += 1,
            Severity::Note => tally.notes += 1,
        }
        Ok(())
    }
}
