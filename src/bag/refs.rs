//! Items that others speak of, to be fetched in waves, each once.

use rusqlite::{Connection, OptionalExtension, Result, params};

/// An item that another one speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefId {
    pub workspace: String,
    pub kind: String,
    pub id: String,
}

/// Notes ids that others speak of, and ids that a list brought and that need no fetching.
pub(super) fn add(db: &Connection, refs: &[RefId], seen: &[RefId]) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO refs VALUES (?1, ?2, ?3, NULL)")?;
    for id in refs {
        insert.execute([&id.workspace, &id.kind, &id.id])?;
    }
    // Wave 0 is the one that nobody fetches.
    let mut insert = db.prepare_cached(
        "INSERT INTO refs VALUES (?1, ?2, ?3, 0) ON CONFLICT DO UPDATE SET wave = 0 WHERE wave IS NULL",
    )?;
    for id in seen {
        insert.execute([&id.workspace, &id.kind, &id.id])?;
    }
    Ok(())
}

pub(super) fn begin_wave(db: &mut Connection, workspace: &str, kind: &str) -> Result<Option<i64>> {
    let tx = db.transaction()?;
    let open = tx
        .prepare_cached("SELECT wave FROM waves WHERE workspace = ?1 AND kind = ?2 AND ended = 0 ORDER BY wave LIMIT 1")?
        .query_row([workspace, kind], |row| row.get(0))
        .optional()?;
    if open.is_some() {
        return Ok(open);
    }
    let wave: i64 = tx
        .prepare_cached(
            "SELECT coalesce(max(wave), 0) + 1 FROM waves WHERE workspace = ?1 AND kind = ?2",
        )?
        .query_row([workspace, kind], |row| row.get(0))?;
    let frozen = tx
        .prepare_cached(
            "UPDATE refs SET wave = ?3 WHERE workspace = ?1 AND kind = ?2 AND wave IS NULL",
        )?
        .execute(params![workspace, kind, wave])?;
    if frozen == 0 {
        return Ok(None);
    }
    tx.prepare_cached("INSERT INTO waves (workspace, kind, wave) VALUES (?1, ?2, ?3)")?
        .execute(params![workspace, kind, wave])?;
    tx.commit()?;
    Ok(Some(wave))
}

pub(super) fn end_wave(db: &Connection, workspace: &str, kind: &str, wave: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE waves SET ended = 1 WHERE workspace = ?1 AND kind = ?2 AND wave = ?3",
    )?
    .execute(params![workspace, kind, wave])
    .map(drop)
}

pub(super) fn wave_ids(
    db: &Connection,
    workspace: &str,
    kind: &str,
    wave: i64,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>> {
    // No id sorts before the empty one, but the empty one itself must be found the first time.
    let sql = if after.is_some() {
        "SELECT id FROM refs WHERE workspace = ?1 AND kind = ?2 AND wave = ?3 AND id > ?4 ORDER BY id LIMIT ?5"
    } else {
        "SELECT id FROM refs WHERE workspace = ?1 AND kind = ?2 AND wave = ?3 AND id >= ?4 ORDER BY id LIMIT ?5"
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(sql)?
        .query_map(
            params![workspace, kind, wave, after.unwrap_or(""), limit],
            |row| row.get(0),
        )?
        .collect()
}
