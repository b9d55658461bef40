//! A room for one test: its own home, its own working directory, and an environment in which nothing of this machine's
//! owner is left. Whatever a command did there is a [`Outcome`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use crate::{filters, keep};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_aml-dsr");

/// A directory that is gone when the test is over, but for the bags in it where these are asked for.
pub(crate) struct Room {
    dir: tempfile::TempDir,
}

impl Room {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for name in ["home", "work"] {
            fs::create_dir(dir.path().join(name)).expect("a directory in the room");
        }
        Self { dir }
    }

    /// A path below the working directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("work").join(name)
    }

    /// The program, about to start in the working directory with a clean environment.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        self.dress(&mut command);
        command
    }

    /// Gives any command the room's home and environment.
    pub(crate) fn dress(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.dir.path().join("home"))
            .env("USERPROFILE", self.dir.path().join("home"))
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            // The day on the page is part of the payload; a test that runs past midnight must not see two of them.
            .env("SOURCE_DATE_EPOCH", "1795219200")
            .current_dir(self.dir.path().join("work"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // What a system needs to start anything at all, and what measures coverage. No variable of Azure's is among them.
        for name in ["PATH", "SystemRoot", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
    }

    /// Runs the program to its end.
    pub(crate) fn run<S: AsRef<str>>(&self, args: &[S]) -> Outcome {
        self.start(args).wait()
    }

    /// Starts the program and reads along.
    pub(crate) fn start<S: AsRef<str>>(&self, args: &[S]) -> Running {
        let mut command = self.program();
        command.args(args.iter().map(AsRef::as_ref));
        self.spawn(command)
    }

    /// Starts a command and reads along.
    pub(crate) fn spawn(&self, mut command: Command) -> Running {
        let mut child = command.spawn().expect("the command starts");
        let stdout = child.stdout.take().map(read_along);
        let stderr = child.stderr.take().map(read_along);
        Running {
            child,
            stdout,
            stderr,
            root: self.dir.path().to_owned(),
        }
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn run_with_input(&self, args: &[String], input: &str) -> Outcome {
        let mut command = self.program();
        command.args(args).stdin(Stdio::piped());
        let mut running = self.spawn(command);
        let mut stdin = running.child.stdin.take().expect("a pipe");
        // A program that ends before it reads is judged by how it ends.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        running.wait()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        keep::bags_below(self.dir.path());
    }
}

fn read_along(mut from: impl std::io::Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        // The end of a killed program is no error of the test.
        let _ = from.read_to_end(&mut all);
        all
    })
}

/// A command under way. It is killed when the test forgets it.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    root: PathBuf,
}

impl Running {
    /// Its standard input, where that is a pipe.
    pub(crate) fn stdin(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Outcome {
        let status = self.child.wait().expect("the command ends");
        let text = |pipe: Option<JoinHandle<Vec<u8>>>| {
            let bytes = pipe.map(|pipe| pipe.join().expect("a reader"));
            String::from_utf8(bytes.unwrap_or_default()).expect("output in UTF-8")
        };
        Outcome {
            status,
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
            root: self.root.clone(),
        }
    }

    /// Ends it at once, as a power cut would. What it had said until then is still there.
    pub(crate) fn kill(mut self) -> Outcome {
        // It may have ended by itself in the same moment.
        let _ = self.child.kill();
        self.wait()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("the state of the command")
            .is_some()
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill").success(), "the signal {name} was sent");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a command ended, and what it said.
#[must_use = "a command whose end nobody looks at tests nothing"]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    root: PathBuf,
}

impl Outcome {
    /// Asserts the exit code, with everything that was said when it is another.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(
            self.status.code(),
            Some(code),
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Exit code and stderr, without what differs from one time to the next.
    pub(crate) fn said(&self) -> String {
        let code = self
            .status
            .code()
            .map_or("a signal".to_owned(), |code| code.to_string());
        format!("exit {code}\n{}", self.plain(&self.stderr))
    }

    /// Text without what differs from one time to the next.
    pub(crate) fn plain(&self, text: &str) -> String {
        filters::plain(&text.replace(&self.root.display().to_string(), "[ROOM]"))
    }

    /// stdout as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("stdout is one JSON document")
    }

    /// The lines of stderr, each as JSON.
    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        self.stderr
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line of stderr is JSON"))
            .collect()
    }
}

/// Every file below a directory, by its path from there, with its bytes.
pub(crate) fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left = vec![dir.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).expect("a path below");
            let mut bytes = Vec::new();
            fs::File::open(&path)
                .and_then(|mut file| file.read_to_end(&mut bytes))
                .expect("a readable file");
            files.insert(name.to_string_lossy().into_owned(), bytes);
        }
    }
    files
}

/// Says something in the log of a test, where what it could not look at must not be silent.
#[expect(
    clippy::print_stderr,
    reason = "a test that looked at less than it should says so, loudly"
)]
pub(crate) fn loudly(text: &str) {
    eprintln!("\n*** {text} ***\n");
}
