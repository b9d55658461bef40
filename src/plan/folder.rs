//! Where everything about the carrying out of a plan lies: a folder beside the plan, and the key of the hashes beside both.
//!
//! The plan and the journal name items and people in clear, so the folder is its owner's alone. The receipt, its page, its
//! signature and the public key may be handed over. The key lies outside, so that whoever hands the folder over keeps it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::keyed::{Key, LENGTH, NoKey};
use super::receipt::Receipt;
use super::replay::Replay;
use super::seal;
use super::sign::SigningKey;

/// The files of the folder.
pub const PLAN: &str = "plan.json";
pub const JOURNAL: &str = "journal.jsonl";
pub const RECEIPT: &str = "receipt.json";
pub const PAGE: &str = "receipt.html";
pub const SIGNATURE: &str = "receipt.json.sig";
pub const PUBLIC_KEY: &str = "receipt.pub.pem";
pub const REPLAY: &str = "replay.json";
/// What lay around the workspace before the first step: a run that goes on later cannot ask any more.
pub const AROUND: &str = "around.json";

/// The places that belong to a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
    key: PathBuf,
}

/// What is wrong with the places.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{} names no file; give the file of the plan", path.display())]
    NoName { path: PathBuf },
    #[error("{} cannot be {doing}: {source}", path.display())]
    Disk {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is there and is no directory of its own; move it away", path.display())]
    NoFolder { path: PathBuf },
    #[error("the proof cannot be written down: {0}")]
    Form(#[from] serde_json::Error),
    #[error("{} belongs to another plan than this; move its folder away", path.display())]
    OtherPlan { path: PathBuf },
    #[error("the key {} cannot be used: {source}; with another key the hashes would match nothing, so it is not replaced", path.display())]
    Key { path: PathBuf, source: NoKey },
}

impl Folder {
    /// The places beside a plan.
    pub fn of(plan: &Path) -> Result<Self, FolderError> {
        let no_name = || FolderError::NoName {
            path: plan.to_owned(),
        };
        let stem = plan.file_stem().ok_or_else(no_name)?;
        let beside = |end: &str| {
            let mut name = stem.to_owned();
            name.push(end);
            plan.with_file_name(name)
        };
        Ok(Self {
            root: beside(".applied"),
            key: beside(".receipt.key"),
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn key_path(&self) -> &Path {
        &self.key
    }

    /// The path of a file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Makes the folder, private to its owner, and puts the bytes of the plan into it. One that is there already must hold the
    /// same plan: then the work is gone on with.
    pub fn claim(&self, plan: &[u8]) -> Result<(), FolderError> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.root) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // A link could lead to a place that others read.
                let is_folder = fs::symlink_metadata(&self.root).is_ok_and(|data| data.is_dir());
                if !is_folder {
                    let path = self.root.clone();
                    return Err(FolderError::NoFolder { path });
                }
            }
            Err(source) => return Err(disk("made", &self.root)(source)),
        }
        let path = self.file(PLAN);
        match fs::read(&path) {
            Ok(bytes) if bytes == plan => Ok(()),
            Ok(_) => Err(FolderError::OtherPlan { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.put(PLAN, plan),
            Err(source) => Err(disk("read", &path)(source)),
        }
    }

    /// Writes a file of the folder whole or not at all, and to the disk.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        write(&self.file(name), bytes, false)
    }

    /// Writes the proof: the replay list, the receipt, and its signature with the public key when there is a key that signs. The
    /// receipt has to name that key's fingerprint already. Gives the receipt's digest.
    pub fn prove(
        &self,
        receipt: &Receipt,
        replay: &Replay,
        key: Option<&SigningKey>,
    ) -> Result<String, FolderError> {
        let (list, _) = seal::seal(replay)?;
        let (bytes, digest) = seal::seal(receipt)?;
        self.put(REPLAY, &list)?;
        // A signature of an earlier receipt must not lie beside this one.
        for name in [SIGNATURE, PUBLIC_KEY] {
            match fs::remove_file(self.file(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(disk("replaced", &self.file(name))(error));
                }
                _ => {}
            }
        }
        self.put(RECEIPT, &bytes)?;
        if let Some(key) = key {
            self.put(PUBLIC_KEY, key.public().pem().as_bytes())?;
            self.put(SIGNATURE, &key.sign(&bytes))?;
        }
        Ok(digest)
    }

    /// The key of the hashes: read, or made of `chance` when there is none yet. It is never replaced.
    pub fn key(&self, chance: [u8; LENGTH]) -> Result<Key, FolderError> {
        if let Some(key) = read_key(&self.key)? {
            return Ok(key);
        }
        let key = Key::new(chance);
        match write(&self.key, key.text().as_bytes(), true) {
            Ok(()) => Ok(key),
            // Somebody else made one at this very moment.
            Err(FolderError::Disk { source, .. })
                if source.kind() == io::ErrorKind::AlreadyExists =>
            {
                read_key(&self.key)?.ok_or_else(|| disk("read", &self.key)(source))
            }
            Err(error) => Err(error),
        }
    }
}

/// Reads a key; `None` when there is none.
pub fn read_key(path: &Path) -> Result<Option<Key>, FolderError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(disk("read", path)(source)),
    };
    let mut text = Vec::new();
    file.take(1024)
        .read_to_end(&mut text)
        .map_err(disk("read", path))?;
    let key = Key::parse(&String::from_utf8_lossy(&text));
    key.map(Some).map_err(|source| FolderError::Key {
        path: path.to_owned(),
        source,
    })
}

/// Writes a private file that must not be there: for keys.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    write(path, bytes, true)
}

fn write(path: &Path, bytes: &[u8], new: bool) -> Result<(), FolderError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut draft = tempfile::Builder::new()
        .prefix(".aml-dsr-")
        .tempfile_in(folder)
        .map_err(disk("written", path))?;
    draft
        .write_all(bytes)
        .and_then(|()| draft.as_file().sync_all())
        .map_err(disk("written", path))?;
    let done = if new {
        draft.persist_noclobber(path)
    } else {
        draft.persist(path)
    };
    done.map_err(|error| disk("written", path)(error.error))?;
    // The name is on the disk when its folder is.
    #[cfg(unix)]
    OpenOptions::new()
        .read(true)
        .open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(disk("written", path))?;
    Ok(())
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Disk {
        doing,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(path).expect("it is there").permissions(),
        ) & 0o777
    }

    #[test]
    fn everything_lies_beside_the_plan_and_is_its_owners() {
        let dir = tempfile::tempdir().expect("a directory");
        let folder = Folder::of(&dir.path().join("case-7.json")).expect("places");
        assert_eq!(folder.root(), dir.path().join("case-7.applied"));
        assert_eq!(folder.key_path(), dir.path().join("case-7.receipt.key"));
        folder.claim(b"the plan").expect("made");
        folder.claim(b"the plan").expect("gone on with");
        folder.put(RECEIPT, b"one").expect("written");
        folder.put(RECEIPT, b"two").expect("written again");
        assert_eq!(fs::read(folder.file(RECEIPT)).expect("it"), b"two");
        let key = folder.key([3; LENGTH]).expect("a key");
        let again = folder.key([4; LENGTH]).expect("the same key");
        assert_eq!(key.text(), again.text());
        #[cfg(unix)]
        {
            assert_eq!(mode(folder.root()), 0o700);
            for path in [folder.file(PLAN), folder.file(RECEIPT), folder.key.clone()] {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
        // Nothing else is left lying about.
        let names = |path: &Path| fs::read_dir(path).expect("a directory").count();
        assert_eq!((names(dir.path()), names(folder.root())), (2, 2));
    }

    #[test]
    fn what_is_not_of_this_plan_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let folder = Folder::of(&dir.path().join("plan.json")).expect("places");
        folder.claim(b"the plan").expect("made");
        assert!(matches!(
            folder.claim(b"another"),
            Err(FolderError::OtherPlan { .. })
        ));
        fs::write(folder.key_path(), "no key").expect("a file");
        assert!(matches!(
            folder.key([3; LENGTH]),
            Err(FolderError::Key { .. })
        ));
        assert_eq!(fs::read(folder.key_path()).expect("it"), b"no key");
        let other = Folder::of(&dir.path().join("other.json")).expect("places");
        fs::write(other.root(), "a file").expect("a file");
        assert!(matches!(
            other.claim(b"x"),
            Err(FolderError::NoFolder { .. })
        ));
        #[cfg(unix)]
        {
            let linked = Folder::of(&dir.path().join("linked.json")).expect("places");
            std::os::unix::fs::symlink(dir.path(), linked.root()).expect("a link");
            assert!(matches!(
                linked.claim(b"x"),
                Err(FolderError::NoFolder { .. })
            ));
        }
        assert!(Folder::of(Path::new("..")).is_err());
    }
}
