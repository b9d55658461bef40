//! Files in the making, and files read in stretches.

use super::error::disk;
use super::hex::hex;
use super::places::open_private;
use super::{BagError, FileFact};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file in the making that knows its length and digest.
pub(super) struct Draft {
    path: PathBuf,
    to: BufWriter<File>,
    hash: Sha256,
    pub(super) length: u64,
}

impl Draft {
    pub(super) fn new(path: PathBuf) -> Result<Self, BagError> {
        let file = open_private(&path).map_err(disk("write", &path))?;
        file.set_len(0).map_err(disk("write", &path))?;
        Ok(Self {
            path,
            to: BufWriter::with_capacity(1 << 18, file),
            hash: Sha256::new(),
            length: 0,
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BagError> {
        self.to
            .write_all(bytes)
            .map_err(disk("write", &self.path))?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Copies `length` bytes. That there are fewer is an error.
    pub(super) fn copy(
        &mut self,
        from: &mut Ranges,
        start: u64,
        length: u64,
    ) -> Result<(), BagError> {
        from.go_to(start)?;
        let mut left = length;
        while left > 0 {
            let Ranges { path, from, at } = from;
            let bytes = from.fill_buf().map_err(disk("read", path))?;
            let some = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if some == 0 {
                return Err(BagError::Lost {
                    path: path.clone(),
                    what: "it is shorter than it was",
                });
            }
            self.write(&bytes[..some])?;
            from.consume(some);
            *at += some as u64;
            left -= some as u64;
        }
        Ok(())
    }

    /// Makes the bytes last, without a final name yet.
    pub(super) fn close(self) -> Result<(PathBuf, FileFact), BagError> {
        let Self {
            path,
            to,
            hash,
            length,
        } = self;
        let file = to
            .into_inner()
            .map_err(|error| disk("write", &path)(error.into_error()))?;
        file.sync_all().map_err(disk("write", &path))?;
        Ok((
            path,
            FileFact {
                length,
                sha256: hex(hash.finalize()),
            },
        ))
    }

    pub(super) fn close_as(self, place: &Path) -> Result<FileFact, BagError> {
        let (path, fact) = self.close()?;
        fs::rename(&path, place).map_err(disk("put into its place", place))?;
        Ok(fact)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write_all(bytes)?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A file read in stretches. A stretch that follows the last one costs no seek.
pub(super) struct Ranges {
    pub(super) path: PathBuf,
    pub(super) from: BufReader<File>,
    pub(super) at: u64,
}

impl Ranges {
    /// Nothing when there is no such file: no stream wrote to it.
    pub(super) fn open(path: PathBuf) -> Result<Option<Self>, BagError> {
        match File::open(&path) {
            Ok(file) => Ok(Some(Self {
                path,
                from: BufReader::with_capacity(1 << 18, file),
                at: 0,
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk("read", &path)(error)),
        }
    }

    pub(super) fn go_to(&mut self, start: u64) -> Result<(), BagError> {
        if start != self.at {
            let way = start.cast_signed() - self.at.cast_signed();
            self.from
                .seek_relative(way)
                .map_err(disk("read", &self.path))?;
            self.at = start;
        }
        Ok(())
    }
}

/// Rewinds and reads a whole file, for its digest; a zero byte in a file of lines is what a power failure leaves.
pub(super) fn digest_lines(path: &Path, length: u64, room: &mut [u8]) -> Result<String, BagError> {
    // Windows brings to the disk only what is open for writing.
    let mut file = open_private(path).map_err(disk("read", path))?;
    file.seek(SeekFrom::Start(0)).map_err(disk("read", path))?;
    let (mut hash, mut read) = (Sha256::new(), 0);
    loop {
        let some = file.read(room).map_err(disk("read", path))?;
        if some == 0 {
            break;
        }
        if memchr::memchr(0, &room[..some]).is_some() {
            return Err(BagError::Lost {
                path: path.to_owned(),
                what: "there are zeros in it",
            });
        }
        hash.update(&room[..some]);
        read += some as u64;
    }
    if read != length {
        return Err(BagError::Lost {
            path: path.to_owned(),
            what: "its length is not what was written",
        });
    }
    file.sync_all().map_err(disk("write", path))?;
    Ok(hex(hash.finalize()))
}
