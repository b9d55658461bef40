//! What the lists of a part brought. Items of a list are in one part alone; what is missing of a list may be said by each part
//! that had to read it, and is said once.

use super::super::hex::sha256;
use super::super::record::Record;
use super::super::shard::{self, Followed, List, Told};
use super::super::state::NewStream;
use super::super::writer::Writer;
use super::super::{Bag, RefId, Severity, refs};
use super::part::{KeptGap, Part};
use super::pile::Pile;
use super::{Catalogue, MergeError};
use rusqlite::params;
use std::collections::HashMap;

/// Lists of this rank and below hang on the workspace or are the workspace itself, and may be read by every part.
const SHARED: i64 = 1;

impl Writer {
    /// Reads a part from its beginning to its end.
    pub(super) fn take_lists(
        &mut self,
        number: u32,
        bag: &Bag,
        catalogue: &Catalogue<'_>,
    ) -> Result<(), MergeError> {
        let mut part = Part::open(bag)?;
        let mut told = part.told()?;
        while let Some(Told::List(list)) = told {
            told = if list.rank < 0 {
                self.take_items(number, &mut part, &list, catalogue)?
            } else {
                self.take_list(number, &mut part, &list, catalogue)?;
                part.told()?
            };
        }
        let sql = self.sql();
        let tx = self.db.unchecked_transaction().map_err(&sql)?;
        while let Some(line) = told {
            match line {
                Told::Ref(found) => {
                    let id = [RefId {
                        workspace: found.workspace,
                        kind: found.kind,
                        id: found.id,
                    }];
                    let (spoken, seen) = if found.seen {
                        (&[][..], &id[..])
                    } else {
                        (&id[..], &[][..])
                    };
                    refs::add(&tx, spoken, seen).map_err(&sql)?;
                }
                Told::Answer(answer) => shard::heard(&tx, &answer).map_err(&sql)?,
                Told::List(_) | Told::Item(_) => {
                    return Err(part.torn("it tells its lists in an order of its own"));
                }
            }
            told = part.told()?;
        }
        tx.commit().map_err(&sql)?;
        part.close()
    }

    /// The number of a list here, which another part may have named before.
    pub(super) fn list_of(&mut self, list: &List) -> Result<i64, MergeError> {
        self.add_streams(&[NewStream {
            key: list.key.clone(),
            kind: list.kind.clone(),
            workspace: list.workspace.clone(),
            folder: list.folder.clone(),
            params: "{}".to_owned(),
            rank: list.rank,
        }])?;
        let id = self
            .db
            .prepare_cached("SELECT id FROM streams WHERE key = ?1")
            .and_then(|mut select| select.query_row([&list.key], |row| row.get(0)));
        Ok(id.map_err(self.sql())?)
    }

    fn take_list(
        &mut self,
        number: u32,
        part: &mut Part<'_>,
        list: &List,
        catalogue: &Catalogue<'_>,
    ) -> Result<(), MergeError> {
        self.see_root(part, list)?;
        if list.items == 0 && list.gaps == 0 {
            return Ok(());
        }
        let stream = self.list_of(list)?;
        let sql = self.sql();
        if list.items == 0 {
            // Whether another part brings the items, and says the same, is not known yet.
            for _ in 0..list.gaps {
                let gap = part.gap(catalogue)?;
                self.db
                    .prepare_cached(
                        "INSERT INTO merge_later (stream, part, line) VALUES (?1, ?2, ?3)",
                    )
                    .and_then(|mut insert| insert.execute(params![stream, number, gap.line]))
                    .map_err(&sql)?;
            }
            return Ok(());
        }
        let held = self
            .db
            .execute("INSERT OR IGNORE INTO merge_held VALUES (?1)", [stream])
            .map_err(&sql)?;
        if held == 0 {
            return Err(MergeError::Overlap {
                dir: part.bag.root().to_owned(),
                kind: list.kind.clone(),
                workspace: list.workspace.clone(),
            });
        }
        let mut pile = Pile::new(self, stream);
        for _ in 0..list.items {
            let kept = part.item(catalogue)?;
            pile.item(self, part.bag, &kept)?;
        }
        for _ in 0..list.gaps {
            let gap = part.gap(catalogue)?;
            if list.rank <= SHARED {
                self.note_gap(stream, &sha256(&gap.line))?;
            }
            pile.gap(self, &gap)?;
        }
        pile.commit(self)
    }

    /// Counts that a list lacks something once more.
    fn note_gap(&self, stream: i64, digest: &str) -> Result<(), MergeError> {
        self.db
            .prepare_cached(
                "INSERT INTO merge_gaps VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            )
            .and_then(|mut upsert| upsert.execute(params![stream, digest]))
            .map_err(self.sql())?;
        Ok(())
    }

    /// The gaps of lists of which a part has no item: each as often as the part says it that says it most.
    pub(super) fn take_later_gaps(&mut self, catalogue: &Catalogue<'_>) -> Result<(), MergeError> {
        let sql = self.sql();
        let mut after = 0_i64;
        let mut said: HashMap<String, i64> = HashMap::new();
        let mut at = None;
        let mut pile: Option<Pile> = None;
        loop {
            // One at a time, since each may change what is known; the index gives the order.
            let next = self
                .db
                .prepare_cached(
                    "SELECT stream, part, seq, line FROM merge_later
                     WHERE (stream, part, seq) > (?1, ?2, ?3) ORDER BY stream, part, seq LIMIT 1",
                )
                .and_then(|mut select| {
                    let (stream, part) = at.unwrap_or((i64::MIN, i64::MIN));
                    let mut rows = select.query(params![stream, part, after])?;
                    rows.next()?
                        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                        .transpose()
                })
                .map_err(&sql)?;
            let Some((stream, part, seq, line)): Option<(i64, i64, i64, Vec<u8>)> = next else {
                break;
            };
            if at != Some((stream, part)) {
                said.clear();
            }
            (at, after) = (Some((stream, part)), seq);
            if pile.as_ref().is_none_or(|pile| pile.stream != stream) {
                if let Some(mut pile) = pile.take() {
                    pile.commit(self)?;
                }
                pile = Some(Pile::new(self, stream));
            }
            let digest = sha256(&line);
            let times = said.entry(digest.clone()).or_default();
            *times += 1;
            let known: i64 = self
                .db
                .prepare_cached(
                    "SELECT coalesce(max(count), 0) FROM merge_gaps WHERE stream = ?1 AND digest = ?2",
                )
                .and_then(|mut select| select.query_row(params![stream, digest], |row| row.get(0)))
                .map_err(&sql)?;
            // It was read once before, and nobody else writes into the state.
            let gap = KeptGap::read(line, catalogue).ok().flatten();
            if let (true, Some(gap), Some(pile)) = (*times > known, gap, &mut pile) {
                self.note_gap(stream, &digest)?;
                pile.gap(self, &gap)?;
            }
        }
        match pile {
            Some(mut pile) => pile.commit(self),
            None => Ok(()),
        }
    }

    /// The items of a list that followed references, kept aside until all parts were read. Gives what the part tells next.
    fn take_items(
        &mut self,
        number: u32,
        part: &mut Part<'_>,
        list: &List,
        catalogue: &Catalogue<'_>,
    ) -> Result<Option<Told>, MergeError> {
        let stream = self.list_of(list)?;
        let (mut items, mut gaps) = (0, 0);
        loop {
            let told = part.told()?;
            let Some(Told::Item(item)) = told else {
                if (items, gaps) != (list.items, list.gaps) {
                    return Err(part.torn("a list and what it followed do not agree"));
                }
                return Ok(told);
            };
            items += item.items;
            gaps += item.gaps;
            self.take_item(number, stream, part, &item, catalogue)?;
        }
    }

    fn take_item(
        &mut self,
        number: u32,
        stream: i64,
        part: &mut Part<'_>,
        item: &Followed,
        catalogue: &Catalogue<'_>,
    ) -> Result<(), MergeError> {
        let (mut records, mut missing) = (Vec::new(), 0_u64);
        for _ in 0..item.items {
            let kept = part.item(catalogue)?;
            Record::Item {
                file: kept.file(),
                doc: &kept.doc,
                head: &kept.head,
                tail: &kept.tail,
            }
            .write(&mut records);
        }
        for _ in 0..item.gaps {
            let gap = part.gap(catalogue)?;
            missing += u64::from(gap.severity == Severity::Gap);
            Record::Gap(&gap.line).write(&mut records);
        }
        self.keep_aside(number, stream, item, missing, &records)
    }
}
