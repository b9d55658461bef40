//! One budget of memory for all blocks, and the files that take what exceeds it.
//!
//! Many blocks share one file, since a file each would run into the limit of open files. A file goes when the last
//! block that lies in it goes; it has no name, so that even a killed program leaves nothing behind.

use super::BagError;
use super::error::disk;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const BUDGET: usize = 16 << 20;
const FULL: u64 = 64 << 20;
/// A block smaller than this stays in memory until twice the budget is used: spilling crumbs frees nothing.
const CRUMB: usize = 32 << 10;

/// Where blocks keep what does not fit into memory.
#[derive(Debug)]
pub struct Spill {
    budget: usize,
    used: AtomicUsize,
    dir: PathBuf,
    current: Mutex<Option<Arc<Segment>>>,
}

#[derive(Debug)]
struct Segment {
    file: Mutex<(File, u64)>,
}

/// Bytes in a segment.
#[derive(Debug)]
struct Chunk {
    segment: Arc<Segment>,
    start: u64,
    length: usize,
}

/// A growing string of bytes, in memory or spilled.
#[derive(Debug)]
pub(super) struct Buffer {
    spill: Arc<Spill>,
    chunks: Vec<Chunk>,
    memory: Vec<u8>,
    /// What of `memory` the budget knows.
    counted: usize,
}

impl Spill {
    /// Spills into nameless files in `dir` when all blocks together hold more than 16 MiB.
    pub fn new(dir: PathBuf) -> Arc<Self> {
        Self::with_budget(dir, BUDGET)
    }

    pub fn with_budget(dir: PathBuf, budget: usize) -> Arc<Self> {
        Arc::new(Self {
            budget,
            used: AtomicUsize::new(0),
            dir,
            current: Mutex::new(None),
        })
    }

    /// The bytes that blocks hold in memory now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn write(&self, bytes: &[u8]) -> Result<Chunk, BagError> {
        let failed = || disk("write a temporary file in", &self.dir);
        let segment = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            let usable = current
                .as_ref()
                .is_some_and(|segment| segment.file.lock().is_ok_and(|file| file.1 < FULL));
            match current.as_ref() {
                Some(segment) if usable => Arc::clone(segment),
                _ => {
                    let file = tempfile::tempfile_in(&self.dir).map_err(failed())?;
                    let segment = Arc::new(Segment {
                        file: Mutex::new((file, 0)),
                    });
                    *current = Some(Arc::clone(&segment));
                    segment
                }
            }
        };
        let start = {
            let mut file = segment.file.lock().unwrap_or_else(PoisonError::into_inner);
            let start = file.1;
            file.0.seek(SeekFrom::Start(start)).map_err(failed())?;
            file.0.write_all(bytes).map_err(failed())?;
            file.1 = start + bytes.len() as u64;
            start
        };
        Ok(Chunk {
            segment,
            start,
            length: bytes.len(),
        })
    }
}

impl Buffer {
    pub(super) fn new(spill: &Arc<Spill>) -> Self {
        Self {
            spill: Arc::clone(spill),
            chunks: Vec::new(),
            memory: Vec::new(),
            counted: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.length).sum::<usize>() + self.memory.len()
    }

    /// Appends with `write`, all or nothing as far as memory goes, then spills if it must. A chunk is always a
    /// whole number of appends.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), BagError> {
        let before = self.memory.len();
        write(&mut self.memory);
        let used = self.account();
        let over =
            used > self.spill.budget && self.memory.len() >= CRUMB || used > self.spill.budget * 2;
        if over && !self.memory.is_empty() {
            match self.spill.write(&self.memory) {
                Ok(chunk) => self.chunks.push(chunk),
                Err(error) => {
                    self.memory.truncate(before);
                    self.account();
                    return Err(error);
                }
            }
            self.memory = Vec::new();
            self.account();
        }
        Ok(())
    }

    fn account(&mut self) -> usize {
        let now = self.memory.capacity();
        let used = &self.spill.used;
        let before = self.counted;
        self.counted = now;
        if now >= before {
            used.fetch_add(now - before, Ordering::Relaxed) + (now - before)
        } else {
            used.fetch_sub(before - now, Ordering::Relaxed) - (before - now)
        }
    }

    /// Hands out the bytes in pieces, each a whole number of appends.
    pub(super) fn read(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), BagError>,
    ) -> Result<(), BagError> {
        let mut bytes = Vec::new();
        for chunk in &self.chunks {
            bytes.resize(chunk.length, 0);
            {
                let mut file = chunk
                    .segment
                    .file
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let failed = || disk("read a temporary file in", &self.spill.dir);
                file.0
                    .seek(SeekFrom::Start(chunk.start))
                    .map_err(failed())?;
                file.0.read_exact(&mut bytes).map_err(failed())?;
            }
            each(&bytes)?;
        }
        each(&self.memory)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.spill.used.fetch_sub(self.counted, Ordering::Relaxed);
    }
}
