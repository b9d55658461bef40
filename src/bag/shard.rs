//! What a part of a whole keeps beside its payload, so that the parts can be put together again.
//!
//! The order of a sealed bag comes from its lists, so `aml-dsr/shard.jsonl` tells them, in that order, with how many lines of
//! the inventory and of the gaps each brought. Behind a list that followed references stand its items, each with what it
//! refers to in its turn: the parts may hold the same item, and the order of such items is that of an export that saw all
//! references at once. Last come the references that lists brought, and how the lists answered.

use super::draft::{Draft, Ranges};
use super::state::{FileRole, number};
use super::tally::{self, Tally};
use super::writer::{GAPS, INVENTORY, Writer};
use super::{BagError, FileFact, RefId, TAGS};
use rusqlite::{Connection, OptionalExtension, Result, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The log of followed items in the state of unfinished work.
pub(super) const FOLLOWED: &str = ".followed";
/// The tag file, below the folder of tag files.
pub(super) const FILE: &str = "shard.jsonl";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS listed_refs (
    workspace TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, seen INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    workspace TEXT NOT NULL, kind TEXT NOT NULL, answered INTEGER NOT NULL, absent INTEGER NOT NULL,
    denied INTEGER NOT NULL, failed INTEGER NOT NULL, generation INTEGER NOT NULL, PRIMARY KEY (workspace, kind)) WITHOUT ROWID;
";

/// A line of the tag file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told {
    List(List),
    Item(Followed),
    Ref(ListedRef),
    Answer(Answer),
}

/// A list, with how many lines it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) workspace: String,
    pub(super) folder: String,
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) rank: i64,
    pub(super) items: u64,
    pub(super) gaps: u64,
}

/// An item that was fetched because something referred to it, with how many lines it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    pub(super) workspace: String,
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) items: u64,
    pub(super) gaps: u64,
    /// Kind and id of what it refers to, and of what it listed.
    pub(super) refs: Vec<(String, String)>,
    pub(super) seen: Vec<(String, String)>,
    pub(super) answers: Vec<Answer>,
}

/// Something that a list referred to, or that it listed itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListedRef {
    pub(super) workspace: String,
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) seen: bool,
}

/// How the lists of a kind answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) workspace: String,
    pub(super) kind: String,
    pub(super) answered: u64,
    pub(super) absent: u64,
    pub(super) denied: u64,
    pub(super) failed: u64,
    pub(super) generation: u8,
}

impl Answer {
    fn of(workspace: &str, kind: &str, tally: &Tally) -> Option<Self> {
        let heard = tally.answered + tally.absent + tally.denied + tally.failed > 0;
        heard.then(|| Self {
            workspace: workspace.to_owned(),
            kind: kind.to_owned(),
            answered: tally.answered,
            absent: tally.absent,
            denied: tally.denied,
            failed: tally.failed,
            generation: tally.generation,
        })
    }

    /// As the coverage counts it.
    pub(super) fn tally(&self) -> Tally {
        Tally {
            answered: self.answered,
            absent: self.absent,
            denied: self.denied,
            failed: self.failed,
            generation: self.generation,
            ..Tally::default()
        }
    }
}

/// What a block holds, as the one item that it is.
pub(super) fn followed(
    item: &RefId,
    refs: &[RefId],
    seen: &[RefId],
    tally: &BTreeMap<(String, &'static str), Tally>,
) -> Vec<u8> {
    let pairs = |refs: &[RefId]| {
        refs.iter()
            .map(|found| (found.kind.clone(), found.id.clone()))
            .collect()
    };
    let told = Told::Item(Followed {
        workspace: item.workspace.clone(),
        kind: item.kind.clone(),
        id: item.id.clone(),
        items: tally.values().map(|tally| tally.items).sum(),
        gaps: tally.values().map(|tally| tally.gaps + tally.notes).sum(),
        refs: pairs(refs),
        seen: pairs(seen),
        answers: tally
            .iter()
            .filter_map(|((workspace, kind), tally)| Answer::of(workspace, kind, tally))
            .collect(),
    });
    super::shapes::json(&told)
}

/// Takes note of what a page of a list referred to and how its lists answered, within the caller's transaction. What was
/// followed tells that itself, item by item.
pub(super) fn listed(
    db: &Connection,
    stream: i64,
    refs: &[RefId],
    seen: &[RefId],
    heard: &BTreeMap<(String, &'static str), Tally>,
) -> Result<()> {
    let rank: i64 = db
        .prepare_cached("SELECT rank FROM streams WHERE id = ?1")?
        .query_row([stream], |row| row.get(0))?;
    if rank < 0 {
        return Ok(());
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO listed_refs VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET seen = max(seen, excluded.seen)",
    )?;
    for (found, seen) in refs
        .iter()
        .map(|found| (found, false))
        .chain(seen.iter().map(|found| (found, true)))
    {
        insert.execute(params![found.workspace, found.kind, found.id, seen])?;
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO answers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET
         answered = answered + excluded.answered, absent = absent + excluded.absent,
         denied = denied + excluded.denied, failed = failed + excluded.failed,
         generation = CASE WHEN generation = 0 THEN excluded.generation WHEN excluded.generation = 0 THEN generation
             ELSE min(generation, excluded.generation) END",
    )?;
    let answers = heard
        .iter()
        .filter_map(|((workspace, kind), tally)| Answer::of(workspace, kind, tally));
    for answer in answers {
        insert.execute(params![
            answer.workspace,
            answer.kind,
            answer.answered.cast_signed(),
            answer.absent.cast_signed(),
            answer.denied.cast_signed(),
            answer.failed.cast_signed(),
            answer.generation
        ])?;
    }
    Ok(())
}

/// Counts answers that another part heard.
pub(super) fn heard(db: &Connection, answer: &Answer) -> Result<()> {
    tally::add(db, &answer.workspace, &answer.kind, &answer.tally())
}

impl Writer {
    /// Makes this bag a part of a whole: it keeps what is needed to put the parts together. To be said before the first
    /// commit, and again when the work is taken up again.
    pub fn be_part(&mut self) -> std::result::Result<(), BagError> {
        self.db.execute_batch(SCHEMA).map_err(self.sql())?;
        self.part = true;
        Ok(())
    }

    /// Writes the tag file of a part, and gives its path and digest.
    pub(super) fn tell_part(&self) -> std::result::Result<(String, String), BagError> {
        let sql = self.sql();
        let mut draft = Draft::new(self.places.state().join("tag.draft"))?;
        let mut log = Ranges::open(self.places.state().join(FOLLOWED))?;
        let followed = log_id(&self.db, FOLLOWED).map_err(&sql)?;
        let (inventory, gaps) = (
            log_id(&self.db, INVENTORY).map_err(&sql)?,
            log_id(&self.db, GAPS).map_err(&sql)?,
        );
        let mut select = self
            .db
            .prepare(
                "SELECT s.id, s.workspace, s.folder, s.kind, s.key, s.rank,
                 (SELECT coalesce(sum(lines), 0) FROM parts WHERE file = ?1 AND stream = s.id),
                 (SELECT coalesce(sum(lines), 0) FROM parts WHERE file = ?2 AND stream = s.id)
                 FROM streams s ORDER BY s.workspace, s.folder, s.kind, s.key",
            )
            .map_err(&sql)?;
        let mut ranges = self
            .db
            .prepare("SELECT start, length FROM parts WHERE file = ?1 AND stream = ?2 ORDER BY seq")
            .map_err(&sql)?;
        let mut rows = select.query([inventory, gaps]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let stream: i64 = row.get(0).map_err(&sql)?;
            let list = read_list(row).map_err(&sql)?;
            tell(&mut draft, &Told::List(list))?;
            let Some(log) = &mut log else { continue };
            let mut rows = ranges.query([followed, Some(stream)]).map_err(&sql)?;
            while let Some(row) = rows.next().map_err(&sql)? {
                let (start, length) =
                    (|| Ok((number(row, 0)?, number(row, 1)?)))().map_err(&sql)?;
                draft.copy(log, start, length)?;
            }
        }
        self.tell_refs(&mut draft)?;
        self.tell_answers(&mut draft)?;
        let path = format!("{TAGS}/{FILE}");
        let fact: FileFact = draft.close_as(&self.places.root().join(&path))?;
        Ok((path, fact.sha256))
    }

    fn tell_refs(&self, draft: &mut Draft) -> std::result::Result<(), BagError> {
        let sql = self.sql();
        let mut select = self
            .db
            .prepare(
                "SELECT workspace, kind, id, seen FROM listed_refs ORDER BY workspace, kind, id",
            )
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let told = (|| {
                Ok(Told::Ref(ListedRef {
                    workspace: row.get(0)?,
                    kind: row.get(1)?,
                    id: row.get(2)?,
                    seen: row.get(3)?,
                }))
            })()
            .map_err(&sql)?;
            tell(draft, &told)?;
        }
        Ok(())
    }

    fn tell_answers(&self, draft: &mut Draft) -> std::result::Result<(), BagError> {
        let sql = self.sql();
        let mut select = self
            .db
            .prepare("SELECT * FROM answers ORDER BY workspace, kind")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let told = (|| {
                Ok(Told::Answer(Answer {
                    workspace: row.get(0)?,
                    kind: row.get(1)?,
                    answered: number(row, 2)?,
                    absent: number(row, 3)?,
                    denied: number(row, 4)?,
                    failed: number(row, 5)?,
                    generation: row.get(6)?,
                }))
            })()
            .map_err(&sql)?;
            tell(draft, &told)?;
        }
        Ok(())
    }
}

fn tell(draft: &mut Draft, told: &Told) -> std::result::Result<(), BagError> {
    draft.write(&super::shapes::json(told))?;
    draft.write(b"\n")
}

/// The number of a log; nothing when no list wrote to it.
fn log_id(db: &Connection, log: &str) -> Result<Option<i64>> {
    db.query_row(
        "SELECT id FROM files WHERE path = ?1 AND role = ?2",
        params![log, FileRole::Log as i64],
        |row| row.get(0),
    )
    .optional()
}

fn read_list(row: &rusqlite::Row<'_>) -> Result<List> {
    Ok(List {
        workspace: row.get(1)?,
        folder: row.get(2)?,
        kind: row.get(3)?,
        key: row.get(4)?,
        rank: row.get(5)?,
        items: number(row, 6)?,
        gaps: number(row, 7)?,
    })
}
