//! Keeps the bags that tests made, so that programs that nobody here wrote can judge them: `tests/witness/run bags`.
//!
//! `AML_DSR_BAGS` names the directory where they are kept. Without it nothing is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Moves every bag below a folder that is about to go, whole or not and damaged or not, to where it is kept.
pub(crate) fn bags_below(folder: &Path) {
    let Some(kept) = std::env::var_os("AML_DSR_BAGS").map(PathBuf::from) else {
        return;
    };
    let moved = fs::create_dir_all(&kept).and_then(|()| keep(folder, &kept));
    // A second panic would end the program and hide the first.
    if !std::thread::panicking() {
        moved.expect("the bags are kept");
    }
}

fn keep(folder: &Path, kept: &Path) -> io::Result<()> {
    // Where a test forbids its own folder to be read, there is nothing to judge.
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    if !folder.join("bagit.txt").is_file() && !folder.join(".aml-dsr").is_dir() {
        return folders.iter().try_for_each(|folder| keep(folder, kept));
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("unnamed").replace("::", ".");
    for number in 1_u64.. {
        let place = kept.join(format!("{test}-{number}"));
        // Making the folder takes the name, and an empty folder may be replaced by another.
        match fs::create_dir(&place) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => {
                return match fs::rename(folder, &place) {
                    Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                        copy(folder, &place)
                    }
                    done => done,
                };
            }
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
