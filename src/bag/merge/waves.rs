//! What references lead to. Each part followed its own references, so several may hold the same item; and an item's place in
//! the order depends on all references together. So the items wait in the state until all parts were read, and are then
//! followed once more, as the walk follows them: wave after wave, over the references of all parts.

use super::super::hex::sha256;
use super::super::record::Record;
use super::super::shard::{self, Followed};
use super::super::writer::Writer;
use super::super::{Bag, Gap, RefId, Severity};
use super::part::{Kept, KeptGap};
use super::pile::Pile;
use super::{Catalogue, MergeError};
use rusqlite::{OptionalExtension, params};

/// Ids of a wave that are asked for together.
const AT_ONCE: usize = 100;

/// An item that waits, as a part brought it.
struct Waiting {
    stream: i64,
    part: u32,
    told: String,
    records: Vec<u8>,
    /// The parts that hold another document of it, in words.
    others: String,
}

/// What is known of an item that another part brought before.
struct Known {
    part: u32,
    items: u64,
    missing: u64,
    digest: String,
    others: String,
}

impl Writer {
    /// Keeps an item until all parts were read. Where two parts differ, the one that has the item, then the one that misses
    /// less of it, then the first counts.
    pub(super) fn keep_aside(
        &self,
        part: u32,
        stream: i64,
        item: &Followed,
        missing: u64,
        records: &[u8],
    ) -> Result<(), MergeError> {
        let sql = self.sql();
        let digest = sha256(records);
        let known = self
            .db
            .prepare_cached(
                "SELECT part, items, missing, digest, others FROM merge_items WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
            )
            .and_then(|mut select| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Known {
                        part: row.get(0)?,
                        items: super::super::state::number(row, 1)?,
                        missing: super::super::state::number(row, 2)?,
                        digest: row.get(3)?,
                        others: row.get(4)?,
                    })
                };
                select
                    .query_row([&item.workspace, &item.kind, &item.id], read)
                    .optional()
            })
            .map_err(&sql)?;
        let mut others = String::new();
        if let Some(known) = known {
            if known.digest == digest {
                return Ok(());
            }
            let better = |items: u64, missing: u64| (items > 0, std::cmp::Reverse(missing));
            let replaces = better(item.items, missing) > better(known.items, known.missing);
            others = known.others;
            if item.items > 0 && known.items > 0 {
                // Only a document that another one contradicts is worth saying; a fault that another part did not have is not.
                let other = if replaces { known.part } else { part };
                if !others.is_empty() {
                    others.push_str(", ");
                }
                others.push_str(&(other + 1).to_string());
            }
            if !replaces {
                self.db
                    .prepare_cached(
                        "UPDATE merge_items SET others = ?4 WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
                    )
                    .and_then(|mut update| {
                        update.execute([&item.workspace, &item.kind, &item.id, &others])
                    })
                    .map_err(&sql)?;
                return Ok(());
            }
        }
        let told = serde_json::to_string(item).unwrap_or_default();
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO merge_items
                 (workspace, kind, id, stream, part, items, missing, digest, told, records, others)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    item.workspace,
                    item.kind,
                    item.id,
                    stream,
                    part,
                    item.items.cast_signed(),
                    missing.cast_signed(),
                    digest,
                    told,
                    records,
                    others
                ])
            })
            .map_err(&sql)?;
        Ok(())
    }

    /// Follows all references, workspace by workspace, and says how many items differ between parts.
    pub(super) fn take_followed(
        &mut self,
        parts: &[Bag],
        catalogue: &Catalogue<'_>,
    ) -> Result<u64, MergeError> {
        let workspaces: Vec<String> = self
            .db
            .prepare("SELECT DISTINCT workspace FROM refs ORDER BY workspace")
            .and_then(|mut select| select.query_map([], |row| row.get(0))?.collect())
            .map_err(self.sql())?;
        let mut differing = 0;
        for workspace in &workspaces {
            loop {
                let mut found = false;
                for kind in catalogue.followed {
                    while let Some(wave) = self.begin_wave(workspace, kind)? {
                        found = true;
                        differing += self.take_wave(parts, catalogue, workspace, kind, wave)?;
                        self.end_wave(workspace, kind, wave)?;
                    }
                }
                if !found {
                    break;
                }
            }
        }
        Ok(differing)
    }

    fn take_wave(
        &mut self,
        parts: &[Bag],
        catalogue: &Catalogue<'_>,
        workspace: &str,
        kind: &'static str,
        wave: i64,
    ) -> Result<u64, MergeError> {
        let (mut after, mut differing) = (None, 0);
        let mut pile: Option<Pile> = None;
        loop {
            let ids = self.wave_ids(workspace, kind, wave, after.as_deref(), AT_ONCE)?;
            let Some(last) = ids.last() else { break };
            after = Some(last.clone());
            for id in ids {
                let waiting = self.waiting(workspace, kind, &id)?;
                let pile = pile.get_or_insert_with(|| Pile::new(self, waiting.stream));
                if !waiting.others.is_empty() {
                    differing += 1;
                    pile.block().gap(&differs(workspace, kind, &id, &waiting))?;
                }
                self.take_waiting(pile, parts, catalogue, &waiting)?;
            }
        }
        if let Some(mut pile) = pile {
            pile.commit(self)?;
        }
        Ok(differing)
    }

    fn waiting(&self, workspace: &str, kind: &str, id: &str) -> Result<Waiting, MergeError> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Waiting {
                stream: row.get(0)?,
                part: row.get(1)?,
                told: row.get(2)?,
                records: row.get(3)?,
                others: row.get(4)?,
            })
        };
        self.db
            .prepare_cached(
                "SELECT stream, part, told, records, others FROM merge_items WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
            )
            .and_then(|mut select| select.query_row([workspace, kind, id], read).optional())
            .map_err(self.sql())?
            .ok_or_else(|| MergeError::NotLookedFor {
                kind: kind.to_owned(),
                id: id.to_owned(),
            })
    }

    /// Brings an item that waited, with what it refers to in its turn and how its requests were answered.
    fn take_waiting(
        &mut self,
        pile: &mut Pile,
        parts: &[Bag],
        catalogue: &Catalogue<'_>,
        waiting: &Waiting,
    ) -> Result<(), MergeError> {
        let bag = &parts[waiting.part as usize];
        let torn = || MergeError::Torn {
            dir: bag.root().to_owned(),
            what: "what it followed cannot be read again".to_owned(),
        };
        let told: Followed = serde_json::from_str(&waiting.told).map_err(|_| torn())?;
        let ids = |pairs: Vec<(String, String)>| {
            pairs
                .into_iter()
                .map(|(kind, id)| RefId {
                    workspace: told.workspace.clone(),
                    kind,
                    id,
                })
                .collect()
        };
        pile.refers(ids(told.refs), ids(told.seen));
        for answer in &told.answers {
            shard::heard(&self.db, answer).map_err(self.sql())?;
        }
        let mut bytes = waiting.records.as_slice();
        while let Some(record) = Record::read(&mut bytes) {
            match record {
                Record::Item {
                    file,
                    doc,
                    head,
                    tail,
                } => {
                    let kept = Kept::read(file, doc, head, tail, catalogue).ok_or_else(torn)?;
                    pile.item(self, bag, &kept)?;
                }
                Record::Gap(line) => {
                    let gap = KeptGap::read(line.to_vec(), catalogue)
                        .ok()
                        .flatten()
                        .ok_or_else(torn)?;
                    pile.gap(self, &gap)?;
                }
                _ => return Err(torn()),
            }
        }
        Ok(())
    }
}

/// That parts hold different documents of one item.
fn differs(workspace: &str, kind: &'static str, id: &str, waiting: &Waiting) -> Gap {
    let (kept, others) = (waiting.part + 1, &waiting.others);
    Gap {
        workspace: workspace.to_owned(),
        kind,
        parent: Some(id.to_owned()),
        class: "changed",
        severity: Severity::Note,
        reason: format!(
            "it changed while the shards were exported: shard {kept} and shard {others} hold different documents of it; that of shard {kept} is kept"
        ),
        detail: None,
        status: None,
        request_id: None,
    }
}
