//! The bytes of one file, for a task that downloads them. It knows nothing of the database.
//!
//! What is half written lies in the state folder, under a digest of its path, and is renamed into the payload when it is
//! whole: so nothing half written is ever under `data/`, and an interrupted download goes on where it stopped.

use super::BagError;
use super::error::disk;
use super::hex::{hex, sha256};
use super::places::{Places, create_dir, open_private};
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

pub(crate) const PARTS: &str = "parts";

/// From this length on, in bytes, a file is made to last as soon as it is whole.
const LARGE: u64 = 4 << 20;

/// A file of the payload that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFact {
    pub length: u64,
    pub sha256: String,
}

/// What an earlier run left of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Have {
    pub bytes: u64,
    /// The version of the file that the bytes are of. Without it they are of no use.
    pub etag: Option<String>,
}

pub struct FileSlot {
    places: Places,
    path: String,
    part: PathBuf,
    tag: PathBuf,
    file: File,
    have: Have,
    /// Whether the name of a version lies beside the part.
    tagged: bool,
    hash: Sha256,
    length: u64,
}

impl FileSlot {
    pub(super) fn open(places: &Places, path: &str) -> Result<Self, BagError> {
        let folder = places.state().join(PARTS);
        if !folder.is_dir() {
            create_dir(&folder).map_err(disk("make", &folder))?;
        }
        let name = &sha256(path.as_bytes())[..32];
        let part = folder.join(format!("{name}.part"));
        let tag = folder.join(format!("{name}.etag"));
        let file = lock(&part, path)?;
        let etag = fs::read_to_string(&tag).ok();
        let bytes = if etag.is_some() {
            file.metadata().map_err(disk("look at", &part))?.len()
        } else {
            0
        };
        let tagged = etag.is_some();
        let have = Have {
            bytes,
            etag: etag.filter(|_| bytes > 0),
        };
        let mut slot = Self {
            places: places.clone(),
            path: path.to_owned(),
            part,
            tag,
            file,
            have,
            tagged,
            hash: Sha256::new(),
            length: 0,
        };
        if slot.have.etag.is_none() {
            slot.restart(None)?;
        }
        Ok(slot)
    }

    /// What is there already. Ask the service for the rest, if the version is still the same, and say so with
    /// [`go_on`](Self::go_on); otherwise begin again with [`restart`](Self::restart).
    pub fn have(&self) -> &Have {
        &self.have
    }

    /// Keeps what is there.
    pub fn go_on(&mut self) -> Result<(), BagError> {
        let mut room = vec![0; 128 << 10];
        self.hash = Sha256::new();
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(disk("read", &self.part))?;
        let mut left = self.have.bytes;
        while left > 0 {
            let some = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
            self.file
                .read_exact(&mut room[..some])
                .map_err(disk("read", &self.part))?;
            self.hash.update(&room[..some]);
            left -= some as u64;
        }
        self.length = self.have.bytes;
        Ok(())
    }

    /// Begins with nothing. With a version, what is written can be gone on with after an interruption.
    pub fn restart(&mut self, etag: Option<&str>) -> Result<(), BagError> {
        // The old version's name must not stay beside the new version's bytes, so it goes first and comes last.
        self.forget_version()?;
        // Shortening an empty file would cost as much as any: ext4 flushes a file that was shortened when it is closed.
        if self
            .file
            .metadata()
            .map_err(disk("look at", &self.part))?
            .len()
            > 0
        {
            self.file.set_len(0).map_err(disk("shorten", &self.part))?;
        }
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(disk("write", &self.part))?;
        self.hash = Sha256::new();
        self.length = 0;
        self.have = Have::default();
        if let Some(etag) = etag {
            let mut tag = open_private(&self.tag).map_err(disk("write", &self.tag))?;
            tag.write_all(etag.as_bytes())
                .map_err(disk("write", &self.tag))?;
            self.tagged = true;
        }
        Ok(())
    }

    /// Deletes the name of the version, where there is one. Most files are small and never have one; asking the disk to
    /// delete what is not there, many thousands of times, is what made exports slow.
    fn forget_version(&mut self) -> Result<(), BagError> {
        if !std::mem::take(&mut self.tagged) {
            return Ok(());
        }
        match fs::remove_file(&self.tag) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(disk("delete", &self.tag)(error))
            }
            _ => Ok(()),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BagError> {
        self.file
            .write_all(bytes)
            .map_err(disk("write", &self.part))?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes are there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Puts the file into its place. Tell the writer with `file_done`; until then it is not part of the bag.
    pub fn finish(mut self) -> Result<FileFact, BagError> {
        // Small files are made to last together, when the bag is sealed: a disk that is asked for each of many thousands
        // spends its time on asking. What a power failure takes meanwhile is noticed by its length and fetched again.
        if self.length >= LARGE {
            self.file.sync_data().map_err(disk("write", &self.part))?;
        }
        let place = self.places.place(&self.path).map_err(disk(
            "make a place for",
            &self.places.data().join(&self.path),
        ))?;
        fs::rename(&self.part, &place).map_err(disk("put into its place", &place))?;
        // Left behind, it would be taken for the version of the next part of this name; that begins by deleting it.
        let _ = self.forget_version();
        Ok(FileFact {
            length: self.length,
            sha256: hex(self.hash.finalize()),
        })
    }

    /// Gives the file up, and what there is of it.
    pub fn discard(mut self) -> Result<(), BagError> {
        fs::remove_file(&self.part).map_err(disk("delete", &self.part))?;
        let _ = self.forget_version();
        Ok(())
    }
}

/// Opens the part for one task alone. Another may have put it into its place between the opening and the locking; then
/// what is open is no longer the part but the finished file, and must not be touched.
fn lock(part: &Path, path: &str) -> Result<File, BagError> {
    loop {
        let file = open_private(part).map_err(disk("open", part))?;
        match file.try_lock() {
            Ok(()) if part.exists() => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(BagError::Busy {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(disk("lock", part)(source)),
        }
    }
}

impl std::fmt::Debug for FileSlot {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("FileSlot")
            .field("path", &self.path)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
