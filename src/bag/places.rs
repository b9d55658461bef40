//! Where files of a bag may lie. The only code that makes folders and opens files for writing.

use super::names::is_safe;
use super::slot::FileSlot;
use super::{BagError, STATE};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The files of the payload that the bag writes itself.
const OWN: [&str; 7] = [
    "subject.json",
    "inventory.jsonl",
    "gaps.jsonl",
    "coverage.jsonl",
    "elsewhere.jsonl",
    "README.txt",
    "report.html",
];

/// The layout of one bag. Cheap to clone and free to go to other threads.
#[derive(Clone, Debug)]
pub struct Places {
    root: Arc<PathBuf>,
    /// The folder that was looked at last. Files come folder by folder, and each look costs a dozen questions to the disk.
    looked_at: Arc<Mutex<PathBuf>>,
}

impl Places {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root: Arc::new(root),
            looked_at: Arc::default(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.root.join(STATE)
    }

    /// Where `path` (below `data/`) lies. Makes its folders, and refuses whatever would not end up inside.
    pub fn place(&self, path: &str) -> io::Result<PathBuf> {
        if !is_payload(path) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{path:?} is no place for a file of the payload"),
            ));
        }
        let place = self.data().join(path);
        let folder = place.parent().unwrap_or(&place).to_owned();
        let known = |looked_at: &Mutex<PathBuf>| looked_at.lock().is_ok_and(|last| *last == folder);
        if !known(&self.looked_at) {
            self.make_folders(path)?;
            if let Ok(mut last) = self.looked_at.lock() {
                *last = folder;
            }
        }
        if place.is_symlink() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{} is a link", place.display()),
            ));
        }
        Ok(place)
    }

    /// Makes the folders of a path. A link planted there would lead outside, so each is looked at and not only made.
    fn make_folders(&self, path: &str) -> io::Result<()> {
        let mut place = self.data();
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        for segment in folders.split('/').filter(|segment| !segment.is_empty()) {
            place.push(segment);
            match place.symlink_metadata() {
                Ok(facts) if facts.is_dir() => {}
                Ok(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::NotADirectory,
                        format!("{} is no folder", place.display()),
                    ));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => create_dir(&place)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A place for the bytes of one file, for a task that downloads.
    pub fn slot(&self, path: &str) -> Result<FileSlot, BagError> {
        if is_own(path) || !is_payload(path) {
            return Err(BagError::Outside {
                path: path.to_owned(),
            });
        }
        FileSlot::open(self, path)
    }
}

/// Whether a path below `data/` is made of safe segments only.
pub(crate) fn is_payload(path: &str) -> bool {
    path.len() <= 1024 && path.split('/').all(is_safe)
}

/// Whether the bag itself writes this file, so that nobody else may.
pub(crate) fn is_own(path: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(path))
}

/// A directory that only the user can enter. That it is there already is no error.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

/// A file that only the user can read, opened without emptying it.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the names in a directory last. Only unix can, and only unix needs it.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()
    } else {
        Ok(())
    }
}
