//! Taking possession of a directory: a new one, an empty one, or our own unfinished work. Anything else is refused.

use super::error::disk;
use super::places::{Places, create_dir, open_private};
use super::shard::FOLLOWED;
use super::slot::PARTS;
use super::writer::{FAULTS, GAPS, INVENTORY, Identity};
use super::{BagError, MANIFEST, STATE, order, state};
use rusqlite::{Connection, OptionalExtension};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(super) const DATABASE: &str = "state.sqlite";
/// The key under which the state keeps when the work first began.
pub(super) const BEGAN: &str = "began";

pub(super) struct Claim {
    pub(super) places: Places,
    pub(super) db: Connection,
    pub(super) lock: File,
    pub(super) resumed: bool,
}

pub(super) fn claim(dir: &Path, identity: &Identity) -> Result<Claim, BagError> {
    make(dir)?;
    let state = dir.join(STATE);
    let foreign = look(dir)?;
    let begun = state.symlink_metadata().is_ok_and(|facts| facts.is_dir());
    match &foreign {
        Some(_) if is_finished(dir) && !begun => {
            return Err(BagError::Finished {
                dir: dir.to_owned(),
            });
        }
        Some(found) if !state.join(DATABASE).is_file() => {
            return Err(BagError::NotOurs {
                dir: dir.to_owned(),
                found: found.clone(),
            });
        }
        _ => {}
    }
    create_dir(&state).map_err(disk("make", &state))?;
    let lock = lock(dir, &state.join("lock"))?;
    let database = state.join(DATABASE);
    let sql = |source| BagError::state(database.clone(), source);
    // SQLite would make it readable for others; its log takes after it.
    open_private(&database).map_err(disk("open", &database))?;
    let db = state::open(&database).map_err(sql)?;
    if !state::is_ours(&db).map_err(sql)? {
        return Err(BagError::NotOurs {
            dir: dir.to_owned(),
            found: format!("{STATE}/{DATABASE} of another program or version"),
        });
    }
    if is_finished(dir) {
        // It was sealed, and the program died before it could tidy up.
        drop((db, lock));
        fs::remove_dir_all(&state).map_err(disk("delete", &state))?;
        return Err(BagError::Finished {
            dir: dir.to_owned(),
        });
    }
    let places = Places::new(dir.to_owned());
    let resumed = identify(dir, &db, identity, sql)?;
    if let (false, Some(found)) = (resumed, foreign) {
        return Err(BagError::NotOurs {
            dir: dir.to_owned(),
            found,
        });
    }
    let data = places.data();
    create_dir(&data).map_err(disk("make", &data))?;
    if resumed {
        order::finish_swaps(&places, &db)?;
        settle(&places, &db)?;
        drop_useless_parts(&state.join(PARTS))?;
    }
    Ok(Claim {
        places,
        db,
        lock,
        resumed,
    })
}

fn is_finished(dir: &Path) -> bool {
    dir.join(MANIFEST).is_file() && dir.join("bagit.txt").is_file()
}

fn make(dir: &Path) -> Result<(), BagError> {
    match fs::metadata(dir) {
        Ok(facts) if facts.is_dir() => {}
        Ok(_) => {
            return Err(BagError::NotOurs {
                dir: dir.to_owned(),
                found: "a file".to_owned(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = dir.parent() {
                fs::create_dir_all(parent).map_err(disk("make", parent))?;
            }
            create_dir(dir).map_err(disk("make", dir))?;
        }
        Err(error) => return Err(disk("look at", dir)(error)),
    }
    Ok(())
}

/// The first thing in the directory that is not our state folder. An empty directory is made private.
fn look(dir: &Path) -> Result<Option<String>, BagError> {
    let mut empty = true;
    for entry in fs::read_dir(dir).map_err(disk("read", dir))? {
        let name = entry.map_err(disk("read", dir))?.file_name();
        empty = false;
        if name != STATE {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    #[cfg(unix)]
    if empty {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
            .map_err(disk("make private", dir))?;
    }
    let _ = empty;
    Ok(None)
}

fn lock(dir: &Path, path: &Path) -> Result<File, BagError> {
    let lock = open_private(path).map_err(disk("open", path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(BagError::Locked {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(disk("lock", path)(source)),
    }
}

/// Writes down what this work is, or compares it with what was written down. True when there was something.
fn identify(
    dir: &Path,
    db: &Connection,
    ours: &Identity,
    sql: impl Fn(rusqlite::Error) -> BagError,
) -> Result<bool, BagError> {
    let parts = [
        ("scope", &ours.scope),
        ("set of options", &ours.options),
        ("version of the program", &ours.tool),
    ];
    let known = state::meta(db, "scope").map_err(&sql)?.is_some();
    // A resumed export keeps the time at which it first began: its day stands in the payload.
    if state::meta(db, BEGAN).map_err(&sql)?.is_none() {
        begin(db).map_err(&sql)?;
    }
    if !known {
        let tx = db.unchecked_transaction().map_err(&sql)?;
        for (part, value) in parts {
            state::set_meta(&tx, part, value).map_err(&sql)?;
        }
        tx.commit().map_err(&sql)?;
        return Ok(false);
    }
    for (part, ours) in parts {
        let theirs = state::meta(db, part).map_err(&sql)?.unwrap_or_default();
        if &theirs != ours {
            return Err(BagError::OtherWork {
                dir: dir.to_owned(),
                part,
                theirs,
                ours: ours.clone(),
            });
        }
    }
    Ok(true)
}

/// Writes down that the work begins now.
pub(super) fn begin(db: &Connection) -> rusqlite::Result<()> {
    let now = OffsetDateTime::now_utc();
    let now = now.replace_nanosecond(0).unwrap_or(now);
    let text = now.format(&Rfc3339).unwrap_or_default();
    state::set_meta(db, BEGAN, &text)
}

/// Makes the files what the rows say: cuts what no transaction covered, and deletes what no row names.
pub(super) fn settle(places: &Places, db: &Connection) -> Result<(), BagError> {
    let sql = |source| BagError::state(places.state(), source);
    let mut select = db
        .prepare("SELECT role, path, length FROM files WHERE role < 2")
        .map_err(sql)?;
    let mut rows = select.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let (role, path, length): (i64, String, u64) =
            (|| Ok((row.get(0)?, row.get(1)?, state::number(row, 2)?)))().map_err(sql)?;
        let folder = if role == 0 {
            places.state()
        } else {
            places.data()
        };
        let full = folder.join(path);
        let found = match fs::metadata(&full) {
            Ok(facts) => facts.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(disk("look at", &full)(error)),
        };
        if found < length {
            return Err(BagError::Lost {
                path: full,
                what: "it is shorter than it was",
            });
        }
        if found > length {
            let file = open_private(&full).map_err(disk("open", &full))?;
            file.set_len(length).map_err(disk("shorten", &full))?;
        }
    }
    drop_forgotten_logs(places, db, &sql)?;
    sweep(db, &places.data(), "", &sql).map(drop)
}

/// Deletes the logs that no row names: an export that began anew was killed before it came to that.
fn drop_forgotten_logs(
    places: &Places,
    db: &Connection,
    sql: &impl Fn(rusqlite::Error) -> BagError,
) -> Result<(), BagError> {
    for log in [INVENTORY, GAPS, FAULTS, FOLLOWED] {
        let known: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM files WHERE path = ?1 AND role = 0)")
            .and_then(|mut select| select.query_row([log], |row| row.get(0)))
            .map_err(sql)?;
        let path = places.state().join(log);
        if !known && path.is_file() {
            fs::remove_file(&path).map_err(disk("delete", &path))?;
        }
    }
    Ok(())
}

/// Deletes the files below `folder` that no row names. True when nothing is left in it.
fn sweep(
    db: &Connection,
    folder: &Path,
    prefix: &str,
    sql: &impl Fn(rusqlite::Error) -> BagError,
) -> Result<bool, BagError> {
    let mut empty = true;
    for entry in fs::read_dir(folder).map_err(disk("read", folder))? {
        let entry = entry.map_err(disk("read", folder))?;
        let place = entry.path();
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if entry.file_type().map_err(disk("look at", &place))?.is_dir() {
            if sweep(db, &place, &format!("{path}/"), sql)? {
                fs::remove_dir(&place).map_err(disk("delete", &place))?;
            } else {
                empty = false;
            }
            continue;
        }
        let known: Option<i64> = db
            .prepare_cached("SELECT id FROM files WHERE path = ?1 AND role > 0")
            .and_then(|mut select| select.query_row([&path], |row| row.get(0)).optional())
            .map_err(sql)?;
        if known.is_none() {
            fs::remove_file(&place).map_err(disk("delete", &place))?;
        } else {
            empty = false;
        }
    }
    Ok(empty)
}

/// Half a file of an unknown version cannot be gone on with.
fn drop_useless_parts(folder: &Path) -> Result<(), BagError> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry.map_err(disk("read", folder))?.path();
        if path.extension().is_some_and(|kind| kind == "part")
            && !path.with_extension("etag").is_file()
        {
            fs::remove_file(&path).map_err(disk("delete", &path))?;
        }
    }
    Ok(())
}
