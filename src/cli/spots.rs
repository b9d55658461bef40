//! The log of every masked spot. It lies beside the key to the pseudonyms, and never in the bag.
//!
//! While the export is under way its lines are in the state of unfinished work, each with the page or the file that it speaks
//! of: so an export that was interrupted leaves the log of one that was not.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::ending::Failure;
use crate::bag::{Aside, Writer};
use crate::subject::mask::Spot;

/// Spots in one line of the log: those of a large file come in several lines.
const TOGETHER: usize = 1000;

/// What the log says of the spots of an item or a file.
pub(super) fn asides(
    key: &str,
    workspace: &str,
    kind: &str,
    id: &str,
    spots: &[Spot],
) -> Vec<Aside> {
    spots
        .chunks(TOGETHER)
        .map(|spots| Aside {
            key: key.to_owned(),
            count: spots.len() as u64,
            line:
                serde_json::json!({"workspace": workspace, "kind": kind, "id": id, "spots": spots})
                    .to_string(),
        })
        .collect()
}

/// Where it lies.
pub(super) fn beside(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".spots");
    PathBuf::from(name)
}

/// A new file that only its owner can read.
pub(super) fn private(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        // One that was there before may be open to others.
        if path.exists() {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    options.open(path).map_err(|error| {
        Failure::usage(format!(
            "{} cannot be written: {error}; give another place with --pseudonym-key",
            path.display()
        ))
    })
}

/// Writes it, and says how many spots it has.
pub(super) fn write(key: &Path, writer: &Writer) -> anyhow::Result<u64> {
    let path = beside(key);
    let mut to = BufWriter::new(private(&path)?);
    writer
        .asides::<anyhow::Error>(|line| Ok(writeln!(to, "{line}")?))
        .and_then(|()| Ok(to.flush()?))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(writer.aside_count()?)
}
