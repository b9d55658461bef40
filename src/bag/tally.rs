//! What the bag holds of each kind, counted over all runs.

use super::state::number;
use rusqlite::{Connection, Result, params};

/// Counts of what came into the bag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub items: u64,
    pub documents: u64,
    pub document_bytes: u64,
    pub files: u64,
    pub file_bytes: u64,
    pub gaps: u64,
    pub notes: u64,
    pub redactions: u64,
    /// Redactions that only the net made.
    pub caught: u64,
    /// Lists that were there, that were not, that refused, and that failed otherwise.
    pub answered: u64,
    pub absent: u64,
    pub denied: u64,
    pub failed: u64,
    /// The oldest generation of a list that answered; 0 when none did.
    pub generation: u8,
}

impl Tally {
    pub(super) fn plus(&mut self, other: &Self) {
        self.items += other.items;
        self.documents += other.documents;
        self.document_bytes += other.document_bytes;
        self.files += other.files;
        self.file_bytes += other.file_bytes;
        self.gaps += other.gaps;
        self.notes += other.notes;
        self.redactions += other.redactions;
        self.caught += other.caught;
        self.answered += other.answered;
        self.absent += other.absent;
        self.denied += other.denied;
        self.failed += other.failed;
        self.generation = match (self.generation, other.generation) {
            (0, other) => other,
            (own, 0) => own,
            (own, other) => own.min(other),
        };
    }
}

/// What the bag holds of a kind, over all runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindCount {
    pub workspace: String,
    pub kind: String,
    pub tally: Tally,
}

pub(super) fn add(db: &Connection, workspace: &str, kind: &str, tally: &Tally) -> Result<()> {
    let mut upsert = db.prepare_cached(
        "INSERT INTO counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
         ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO UPDATE SET
         items = items + excluded.items, documents = documents + excluded.documents,
         document_bytes = document_bytes + excluded.document_bytes, files = files + excluded.files,
         file_bytes = file_bytes + excluded.file_bytes, gaps = gaps + excluded.gaps, notes = notes + excluded.notes,
         redactions = redactions + excluded.redactions, caught = caught + excluded.caught,
         answered = answered + excluded.answered, absent = absent + excluded.absent, denied = denied + excluded.denied,
         failed = failed + excluded.failed,
         generation = CASE WHEN generation = 0 THEN excluded.generation WHEN excluded.generation = 0 THEN generation
             ELSE min(generation, excluded.generation) END",
    )?;
    let t = tally;
    let [
        items,
        documents,
        document_bytes,
        files,
        file_bytes,
        gaps,
        notes,
        redactions,
        caught,
        answered,
        absent,
        denied,
        failed,
    ] = [
        t.items,
        t.documents,
        t.document_bytes,
        t.files,
        t.file_bytes,
        t.gaps,
        t.notes,
        t.redactions,
        t.caught,
        t.answered,
        t.absent,
        t.denied,
        t.failed,
    ]
    .map(u64::cast_signed);
    upsert
        .execute(params![
            workspace,
            kind,
            items,
            documents,
            document_bytes,
            files,
            file_bytes,
            gaps,
            notes,
            redactions,
            caught,
            answered,
            absent,
            denied,
            failed,
            t.generation
        ])
        .map(drop)
}

pub(super) fn counts(db: &Connection) -> Result<Vec<KindCount>> {
    let mut select = db.prepare_cached("SELECT * FROM counts ORDER BY workspace, kind")?;
    let rows = select.query_map([], |row| {
        Ok(KindCount {
            workspace: row.get(0)?,
            kind: row.get(1)?,
            tally: Tally {
                items: number(row, 2)?,
                documents: number(row, 3)?,
                document_bytes: number(row, 4)?,
                files: number(row, 5)?,
                file_bytes: number(row, 6)?,
                gaps: number(row, 7)?,
                notes: number(row, 8)?,
                redactions: number(row, 9)?,
                caught: number(row, 10)?,
                answered: number(row, 11)?,
                absent: number(row, 12)?,
                denied: number(row, 13)?,
                failed: number(row, 14)?,
                generation: row.get(15)?,
            },
        })
    })?;
    rows.collect()
}
