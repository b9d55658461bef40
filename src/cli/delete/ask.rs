//! Asking the person at the terminal. Without a terminal nothing is asked, and nothing is done.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use crate::cli::screen;

/// Whether there is somebody to ask.
pub(super) fn is_there_somebody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Has the name typed. Anything but the name itself is a no; so is the end of the input.
pub(super) fn name_typed(question: &str, name: &str) -> bool {
    let mut err = std::io::stderr().lock();
    // Nobody reading the question means that nobody answers it.
    let _ = write!(err, "{} ", screen::safe(question)).and_then(|()| err.flush());
    drop(err);
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(_) => line.trim_end_matches(['\r', '\n']) == name,
        Err(_) => false,
    }
}
