//! The bytes of files: copied, since a bag is a thing of its own, and looked at on the way.

use super::super::error::disk;
use super::super::writer::Writer;
use super::super::{Bag, FileFact};
use super::MergeError;
use super::part::{Kept, outside};
use std::fs::File;
use std::io::Read;

impl Writer {
    /// Brings the bytes behind an item, if it has any, and gives what they are; nothing when they are here already.
    pub(super) fn take_bytes(
        &self,
        bag: &Bag,
        kept: &Kept,
    ) -> Result<Option<(String, FileFact)>, MergeError> {
        let Some(bytes) = &kept.item.bytes else {
            return Ok(None);
        };
        let (Some(path), Some(sha256)) = (&bytes.path, &bytes.sha256) else {
            return Ok(None);
        };
        if self
            .file_known(path)?
            .is_some_and(|fact| fact.sha256 == *sha256)
        {
            return Ok(None);
        }
        let place = bag.root().join("data").join(path);
        // Refuses whatever is no place for a file, before anything is read.
        let mut slot = self.slot(path).map_err(|_| outside(path))?;
        slot.restart(None)?;
        let mut from = File::open(&place).map_err(disk("read", &place))?;
        let mut room = vec![0; 128 << 10];
        loop {
            let some = from.read(&mut room).map_err(disk("read", &place))?;
            if some == 0 {
                break;
            }
            slot.write(&room[..some])?;
        }
        let fact = slot.finish()?;
        if fact.sha256 != *sha256 {
            return Err(MergeError::Torn {
                dir: bag.root().to_owned(),
                what: format!("{path} is not what it was when it was verified"),
            });
        }
        Ok(Some((path.clone(), fact)))
    }
}
