//! Checking files against their digests, every byte, two files at a time.

use super::super::hex::hex;
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use sha2::Digest;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TrySendError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The digests that can be computed here, by the names that manifests go by.
pub(super) enum Hash {
    Md5(md5::Md5),
    Sha1(Context),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hash {
    pub(super) fn new(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5(md5::Md5::new()),
            "sha1" => Self::Sha1(Context::new(&SHA1_FOR_LEGACY_USE_ONLY)),
            "sha224" => Self::Sha224(sha2::Sha224::new()),
            "sha256" => Self::Sha256(sha2::Sha256::new()),
            "sha384" => Self::Sha384(sha2::Sha384::new()),
            "sha512" => Self::Sha512(sha2::Sha512::new()),
            _ => return None,
        })
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha224(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(super) fn finish(self) -> String {
        match self {
            Self::Md5(hash) => hex(hash.finalize()),
            Self::Sha1(hash) => hex(hash.finish()),
            Self::Sha224(hash) => hex(hash.finalize()),
            Self::Sha256(hash) => hex(hash.finalize()),
            Self::Sha384(hash) => hex(hash.finalize()),
            Self::Sha512(hash) => hex(hash.finalize()),
        }
    }
}

/// A file and what it must be.
pub(super) struct Job {
    pub(super) path: String,
    pub(super) place: PathBuf,
    /// Algorithm and digest.
    pub(super) wanted: Vec<(String, String)>,
    pub(super) count_lines: bool,
}

/// What it was.
pub(super) struct Outcome {
    pub(super) path: String,
    /// The algorithms whose digest differs; or why the file could not be read.
    pub(super) differs: Result<Vec<String>, String>,
    pub(super) lines: u64,
}

fn check(job: &Job, room: &mut [u8], done: &AtomicU64) -> io::Result<(Vec<String>, u64)> {
    let mut hashes: Vec<_> = job
        .wanted
        .iter()
        .filter_map(|(name, digest)| Some((name, digest, Hash::new(name)?)))
        .collect();
    let mut file = File::open(&job.place)?;
    let (mut lines, mut last) = (0, b'\n');
    loop {
        let some = match file.read(room) {
            Ok(0) => break,
            Ok(some) => some,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = &room[..some];
        for (_, _, hash) in &mut hashes {
            hash.update(bytes);
        }
        if job.count_lines {
            lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
            last = bytes[some - 1];
        }
        done.fetch_add(some as u64, Ordering::Relaxed);
    }
    lines += u64::from(last != b'\n');
    let differs = hashes
        .into_iter()
        .filter_map(|(name, digest, hash)| (&hash.finish() != digest).then(|| name.clone()));
    Ok((differs.collect(), lines))
}

/// Runs all jobs on two threads. `each` hears of every outcome, `tick` of the bytes read so far.
pub(super) fn run<E>(
    mut jobs: impl FnMut() -> Result<Option<Job>, E>,
    mut each: impl FnMut(Outcome) -> Result<(), E>,
    mut tick: impl FnMut(u64),
) -> Result<(), E> {
    let (give, take) = mpsc::sync_channel::<Job>(32);
    let take = Mutex::new(take);
    let (tell, hear) = mpsc::channel();
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (tell, take, done) = (tell.clone(), &take, &done);
            scope.spawn(move || {
                let mut room = vec![0; 1 << 18];
                let next = || Receiver::recv(&take.lock().unwrap_or_else(PoisonError::into_inner));
                while let Ok(job) = next() {
                    let found = check(&job, &mut room, done).map_err(|error| error.to_string());
                    let lines = found.as_ref().map_or(0, |found| found.1);
                    if tell
                        .send(Outcome {
                            path: job.path,
                            differs: found.map(|found| found.0),
                            lines,
                        })
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        drop(tell);
        while let Some(mut job) = jobs()? {
            // A huge file must neither stop the talk nor let the outcomes pile up.
            while let Err(TrySendError::Full(back)) = give.try_send(job) {
                job = back;
                if let Ok(outcome) = hear.recv_timeout(Duration::from_millis(200)) {
                    each(outcome)?;
                }
                tick(done.load(Ordering::Relaxed));
            }
            hear.try_iter().try_for_each(&mut each)?;
        }
        drop(give);
        loop {
            match hear.recv_timeout(Duration::from_millis(200)) {
                Ok(outcome) => each(outcome)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            tick(done.load(Ordering::Relaxed));
        }
        Ok(())
    })
}

/// The SHA-256 of one small file.
pub(super) fn sha256_of(path: &Path) -> io::Result<String> {
    let mut hash = sha2::Sha256::new();
    io::copy(&mut File::open(path)?, &mut Sink(&mut hash))?;
    Ok(hex(hash.finalize()))
}

struct Sink<'a>(&'a mut sha2::Sha256);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
