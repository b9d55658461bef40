//! Sealing: everything is made to last, described, and listed; the manifest comes last, and with it the bag is complete.

use super::draft::{Draft, digest_lines};
use super::error::disk;
use super::hex::sha256;
use super::places::{create_dir, is_payload, sync_dir};
use super::reader::parse_format;
use super::state::number;
use super::writer::{FAULTS, Writer};
use super::{Bag, BagError, FORMAT, FORMAT_LABEL, FileFact, MANIFEST, TAG_MANIFEST, TAGS, shard};
use rusqlite::params;
use std::fs;
use std::io::{self, BufWriter, Write as _};
#[cfg(not(target_os = "linux"))]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Labels that only the bag itself can fill in.
const OURS: [&str; 3] = ["Payload-Oxum", "Bag-Size", FORMAT_LABEL];

/// A page of the payload that somebody else writes, from what the bag already holds. It must say the same for the same
/// payload, since it becomes part of it.
pub trait Page: std::fmt::Debug + Send + Sync {
    /// Its name, directly below `data/`.
    fn path(&self) -> &str;
    /// Writes it. Everything else of the payload can be read through `bag`; its fields are those of [`BagInfo`].
    fn write(&self, bag: &Bag, to: &mut dyn io::Write) -> Result<(), BagError>;
}

/// What the caller says about the whole.
#[derive(Clone, Debug, Default)]
pub struct BagInfo {
    /// For `bag-info.txt`, in this order.
    pub fields: Vec<(String, String)>,
    /// The lines of `data/coverage.jsonl`.
    pub coverage: Vec<String>,
    /// The text of `data/README.txt`.
    pub readme: String,
    /// More files directly below `data/`: name and content.
    pub wholes: Vec<(String, Vec<u8>)>,
    /// More files for `aml-dsr/`: name and content.
    pub tags: Vec<(String, Vec<u8>)>,
    /// Files of the payload that are written last, since they speak of the others.
    pub pages: Vec<Arc<dyn Page>>,
}

/// A bag that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Of the payload.
    pub files: u64,
    pub bytes: u64,
    pub oxum: String,
    /// The SHA-256 of the payload manifest: two exports of the same workspace have the same.
    pub manifest: String,
}

impl Writer {
    /// Seals the bag. When it fails, the state is still there and the same can be tried again.
    pub fn finish(mut self, info: &BagInfo) -> Result<Sealed, BagError> {
        let sql = self.sql();
        let pending = super::state::count(&self.db, "SELECT count(*) FROM streams WHERE done = 0")
            .map_err(&sql)?;
        if pending > 0 {
            return Err(BagError::Pending(pending));
        }
        // From here on files change places, so a row must be on the disk before what it speaks of happens.
        self.db
            .execute_batch("PRAGMA synchronous = FULL")
            .map_err(&sql)?;
        if !self.assembled {
            self.assemble()?;
        }
        self.reached("after the inventory")?;
        let mut coverage = info.coverage.join("\n");
        if !coverage.is_empty() {
            coverage.push('\n');
        }
        self.write_whole("coverage.jsonl", coverage.as_bytes())?;
        self.write_whole("README.txt", info.readme.as_bytes())?;
        for (name, bytes) in &info.wholes {
            self.write_whole(name, bytes)?;
        }
        self.write_pages(info)?;
        self.digest()?;
        if self.resumed().is_some() {
            self.look_again()?;
        }
        make_last(&self)?;
        let (bytes, files) = self
            .db
            .query_row(
                "SELECT coalesce(sum(length), 0), count(*) FROM files WHERE role > 0",
                [],
                |row| Ok((number(row, 0)?, number(row, 1)?)),
            )
            .map_err(&sql)?;
        let oxum = format!("{bytes}.{files}");
        let mut tags = self.tag_files(info, &describe(info, &oxum, bytes))?;
        let (manifest_draft, manifest) = self.manifest()?;
        tags.push((MANIFEST.to_owned(), manifest.sha256.clone()));
        tags.sort();
        let list = tags.iter().fold(String::new(), |list, (path, digest)| {
            list + digest + "  " + path + "\n"
        });
        self.write_tag(TAG_MANIFEST, list.as_bytes())?;
        let root = self.places.root().to_owned();
        sync_dir(&root).map_err(disk("write", &root))?;
        self.reached("before the manifest")?;
        let place = root.join(MANIFEST);
        fs::rename(&manifest_draft, &place).map_err(disk("put into its place", &place))?;
        sync_dir(&root).map_err(disk("write", &root))?;
        self.reached("after the manifest")?;
        let state = self.places.state();
        // Windows deletes nothing that is open.
        drop(self);
        fs::remove_dir_all(&state).map_err(disk("delete", &state))?;
        Ok(Sealed {
            files,
            bytes,
            oxum,
            manifest: manifest.sha256,
        })
    }

    fn write_whole(&mut self, path: &str, bytes: &[u8]) -> Result<(), BagError> {
        let mut draft = Draft::new(self.places.state().join("whole.draft"))?;
        draft.write(bytes)?;
        let fact = draft.close_as(&self.places.data().join(path))?;
        self.file_done(path, &fact)
    }

    fn write_pages(&mut self, info: &BagInfo) -> Result<(), BagError> {
        let bag = Bag::unsealed(
            self.places.root(),
            info.fields.clone(),
            parse_format(FORMAT).unwrap_or_default(),
        );
        for page in &info.pages {
            let path = page.path();
            if path.contains('/') || !is_payload(path) {
                return Err(BagError::Outside {
                    path: path.to_owned(),
                });
            }
            let mut draft = Draft::new(self.places.state().join("whole.draft"))?;
            {
                // A template writes word by word, and each word would be hashed alone.
                let mut to = BufWriter::with_capacity(1 << 16, &mut draft);
                page.write(&bag, &mut to)?;
                to.flush()
                    .map_err(disk("write", &self.places.data().join(path)))?;
            }
            let fact = draft.close_as(&self.places.data().join(path))?;
            self.file_done(path, &fact)?;
            self.reached("after a page")?;
        }
        Ok(())
    }

    fn write_tag(&self, path: &str, bytes: &[u8]) -> Result<FileFact, BagError> {
        let mut draft = Draft::new(self.places.state().join("tag.draft"))?;
        draft.write(bytes)?;
        draft.close_as(&self.places.root().join(path))
    }

    /// Whether every whole file is still what it was when it was taken into the bag. Between two starts a power failure may have
    /// shortened some, or somebody may have tidied up, and the manifest must not name what is not there.
    fn look_again(&self) -> Result<(), BagError> {
        let sql = self.sql();
        let data = self.places.data();
        let mut select = self
            .db
            .prepare_cached("SELECT path, length FROM files WHERE role = 2")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let path = data.join(row.get::<_, String>(0).map_err(&sql)?);
            let length: u64 = number(row, 1).map_err(&sql)?;
            let there = path
                .symlink_metadata()
                .is_ok_and(|facts| facts.is_file() && facts.len() == length);
            if !there {
                return Err(BagError::Lost {
                    path,
                    what: "it is gone, or not as long as it was",
                });
            }
        }
        Ok(())
    }

    /// Reads every file of lines once, two at a time, and notes its digest.
    fn digest(&mut self) -> Result<(), BagError> {
        let sql = self.sql();
        let data = self.places.data();
        loop {
            let batch: Vec<(i64, String, u64)> = self
                .db
                .prepare_cached("SELECT id, path, length FROM files WHERE role = 1 AND sha256 IS NULL LIMIT 512")
                .and_then(|mut select| select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, number(row, 2)?)))?.collect())
                .map_err(&sql)?;
            if batch.is_empty() {
                return Ok(());
            }
            let next = AtomicUsize::new(0);
            let work = || {
                let (mut room, mut done) = (vec![0; 1 << 18], Vec::new());
                while let Some((id, path, length)) = batch.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    done.push((*id, digest_lines(&data.join(path), *length, &mut room)?));
                }
                Ok::<_, BagError>(done)
            };
            let both = std::thread::scope(|scope| {
                let other = scope.spawn(work);
                let mine = work();
                [
                    mine,
                    other
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                ]
            });
            let tx = self.db.transaction().map_err(&sql)?;
            for done in both {
                for (id, digest) in done? {
                    tx.execute(
                        "UPDATE files SET sha256 = ?2 WHERE id = ?1",
                        params![id, digest],
                    )
                    .map_err(&sql)?;
                }
            }
            tx.commit().map_err(&sql)?;
        }
    }

    /// Writes the payload manifest under a name that is not final.
    fn manifest(&self) -> Result<(std::path::PathBuf, FileFact), BagError> {
        let sql = self.sql();
        let mut draft = Draft::new(self.places.state().join("manifest.draft"))?;
        let mut select = self
            .db
            .prepare("SELECT sha256, path FROM files WHERE role > 0 ORDER BY path")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let (digest, path): (String, String) =
                (|| Ok((row.get(0)?, row.get(1)?)))().map_err(&sql)?;
            draft.write(format!("{digest}  data/{path}\n").as_bytes())?;
        }
        draft.close()
    }

    /// Writes the tag files but for the manifests. Gives path and digest of each.
    fn tag_files(&self, info: &BagInfo, bag_info: &str) -> Result<Vec<(String, String)>, BagError> {
        let folder = self.places.root().join(TAGS);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(disk("delete", &folder)(error));
            }
            _ => {}
        }
        let mut tags = Vec::new();
        for (path, text) in [("bagit.txt", BAGIT), ("bag-info.txt", bag_info)] {
            tags.push((
                path.to_owned(),
                self.write_tag(path, text.as_bytes())?.sha256,
            ));
        }
        let faults = self.places.state().join(FAULTS);
        let has_faults = fs::metadata(&faults).is_ok_and(|facts| facts.len() > 0);
        if has_faults || self.part || !info.tags.is_empty() {
            create_dir(&folder).map_err(disk("make", &folder))?;
        }
        if has_faults {
            let path = format!("{TAGS}/faults.jsonl");
            let mut draft = Draft::new(self.places.state().join("tag.draft"))?;
            let mut from = fs::File::open(&faults).map_err(disk("read", &faults))?;
            let mut room = vec![0; 1 << 16];
            loop {
                let some = io::Read::read(&mut from, &mut room).map_err(disk("read", &faults))?;
                if some == 0 {
                    break;
                }
                draft.write(&room[..some])?;
            }
            let fact = draft.close_as(&self.places.root().join(&path))?;
            tags.push((path, fact.sha256));
        }
        if self.part {
            tags.push(self.tell_part()?);
        }
        for (name, content) in &info.tags {
            let own = ["faults.jsonl", shard::FILE].contains(&name.as_str());
            if name.contains('/') || !is_payload(name) || own {
                return Err(BagError::Outside { path: name.clone() });
            }
            let path = format!("{TAGS}/{name}");
            self.write_tag(&path, content)?;
            tags.push((path, sha256(content)));
        }
        if folder.is_dir() {
            sync_dir(&folder).map_err(disk("write", &folder))?;
        }
        Ok(tags)
    }
}

fn describe(info: &BagInfo, oxum: &str, bytes: u64) -> String {
    let size = human(bytes);
    let ours = [
        (FORMAT_LABEL, FORMAT),
        ("Bag-Size", size.as_str()),
        ("Payload-Oxum", oxum),
    ];
    let theirs = info
        .fields
        .iter()
        .map(|(label, value)| (label.as_str(), value.as_str()));
    let theirs = theirs.filter(|(label, _)| {
        !OURS
            .iter()
            .any(|own| own.eq_ignore_ascii_case(label.trim()))
    });
    let mut text = String::new();
    for (label, value) in theirs.chain(ours) {
        let label: String = label
            .chars()
            .filter(|letter| !letter.is_control() && *letter != ':')
            .collect();
        // One line a value: who reads bags folds differently. So breaks of every kind become spaces.
        let value = value
            .split(|letter: char| letter.is_control() || letter.is_whitespace())
            .filter(|word| !word.is_empty());
        let value = value.collect::<Vec<_>>().join(" ");
        if !label.trim().is_empty() && !value.is_empty() {
            text = text + label.trim() + ": " + &value + "\n";
        }
    }
    text
}

fn human(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KB", "MB", "GB", "TB"] {
        if size < 1000.0 {
            break;
        }
        size /= 1000.0;
        unit = larger;
    }
    if unit == "B" {
        format!("{bytes} B")
    } else {
        format!("{size:.1} {unit}")
    }
}

/// Makes everything below a folder last. Linux does that for a whole file system at once, which costs far less than asking
/// for each of many thousands of small files.
fn make_last(writer: &Writer) -> Result<(), BagError> {
    let data = writer.places.data();
    #[cfg(target_os = "linux")]
    {
        let folder = fs::File::open(&data).map_err(disk("open", &data))?;
        rustix::fs::syncfs(folder).map_err(|error| disk("write", &data)(error.into()))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let sql = writer.sql();
        let mut select = writer
            .db
            .prepare_cached("SELECT path FROM files WHERE role = 2")
            .map_err(&sql)?;
        let mut rows = select.query([]).map_err(&sql)?;
        while let Some(row) = rows.next().map_err(&sql)? {
            let path = data.join(row.get::<_, String>(0).map_err(&sql)?);
            let file = fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .map_err(disk("open", &path))?;
            file.sync_all().map_err(disk("write", &path))?;
        }
        sync_tree(&data)
    }
}

#[cfg(not(target_os = "linux"))]
fn sync_tree(folder: &Path) -> Result<(), BagError> {
    for entry in fs::read_dir(folder).map_err(disk("read", folder))? {
        let entry = entry.map_err(disk("read", folder))?;
        if entry.file_type().map_err(disk("look at", folder))?.is_dir() {
            sync_tree(&entry.path())?;
        }
    }
    sync_dir(folder).map_err(disk("write", folder))
}
