//! Writing a journal: one thread holds the file, so that lines come into it one after the other, and one flush serves all who
//! wait for it at that moment.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Entry, JournalError};
use crate::plan::chain;

/// What the thread is asked: a line, or nothing but a flush, and who waits until it is on the disk.
type Job = (Option<Entry>, Option<oneshot::Sender<Result<(), String>>>);

/// How far the journal has come: lines of this run, and the hash of the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub lines: u64,
    pub last: String,
}

/// Writes lines. When it is gone, everything that it was given is in the file, and the file is free for others.
#[derive(Debug)]
pub struct Pen {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    written: Arc<Mutex<Written>>,
}

impl Pen {
    /// Goes on behind the line with this hash.
    pub(super) fn new(file: File, last: &str) -> Result<Self, JournalError> {
        Self::start(Some(file), last)
    }

    /// A journal that keeps nothing, to measure what keeping costs.
    #[doc(hidden)]
    pub fn of_nothing() -> Result<Self, JournalError> {
        Self::start(None, "")
    }

    fn start(file: Option<File>, last: &str) -> Result<Self, JournalError> {
        let written = Arc::new(Mutex::new(Written {
            lines: 0,
            last: last.to_owned(),
        }));
        let (jobs, inbox) = channel();
        let thread = match file {
            None => None,
            Some(file) => {
                let state = Arc::clone(&written);
                let thread = std::thread::Builder::new()
                    .name("journal".to_owned())
                    .spawn(move || write(file, &inbox, &state))
                    .map_err(|error| JournalError::Stopped(error.to_string()))?;
                Some(thread)
            }
        };
        Ok(Self {
            jobs: thread.is_some().then_some(jobs),
            thread,
            written,
        })
    }

    /// Writes a line that nobody has to wait for. That it could not be written is said to whoever waits next.
    pub fn note(&self, entry: Entry) {
        if let Some(jobs) = &self.jobs {
            // A thread that has ended says so to whoever waits.
            let _ = jobs.send((Some(entry), None));
        }
    }

    /// Writes a line, and returns when it is on the disk, with everything before it.
    pub async fn keep(&self, entry: Entry) -> Result<(), JournalError> {
        self.ask(Some(entry)).await
    }

    /// Returns when everything so far is on the disk.
    pub async fn flush(&self) -> Result<(), JournalError> {
        self.ask(None).await
    }

    async fn ask(&self, entry: Option<Entry>) -> Result<(), JournalError> {
        let Some(jobs) = &self.jobs else {
            return Ok(());
        };
        let ended = || JournalError::Stopped("the thread that writes it has ended".to_owned());
        let (answer, wait) = oneshot::channel();
        jobs.send((entry, Some(answer))).map_err(|_| ended())?;
        wait.await
            .map_err(|_| ended())?
            .map_err(JournalError::Stopped)
    }

    /// How far it has come. Ask after a [`flush`](Self::flush).
    pub fn written(&self) -> Written {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It ends when nothing is left to write; a panic in it was said to whoever waited.
            let _ = thread.join();
        }
    }
}

/// Takes what has come together, writes it in one piece, and flushes once if anybody waits.
fn write(mut file: File, inbox: &Receiver<Job>, state: &Mutex<Written>) {
    let mut failed: Option<String> = None;
    while let Ok(first) = inbox.recv() {
        let mut written = state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut text, mut waiting) = (String::new(), Vec::new());
        for (entry, waits) in std::iter::once(first).chain(inbox.try_iter()) {
            waiting.extend(waits);
            let Some(entry) = entry else { continue };
            match chain::link(&written.last, &entry) {
                Ok((line, hash)) => {
                    text.push_str(&line);
                    written.last = hash;
                    written.lines += 1;
                }
                Err(error) => failed = failed.or(Some(error.to_string())),
            }
        }
        // After a failure nothing more is written: what is half in the file is its torn end, and must stay the end.
        if failed.is_none() {
            let mut done = file.write_all(text.as_bytes());
            if !waiting.is_empty() {
                done = done.and_then(|()| file.sync_data());
            }
            match done {
                Ok(()) => *state.lock().unwrap_or_else(PoisonError::into_inner) = written,
                Err(error) => failed = Some(error.to_string()),
            }
        }
        for waits in waiting {
            // Who no longer waits has been dropped with its step.
            let _ = waits.send(failed.clone().map_or(Ok(()), Err));
        }
    }
    if failed.is_none() {
        // Nobody is left to be told.
        let _ = file.sync_data();
    }
}
