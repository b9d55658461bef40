//! A disk that fills: a clear error, nothing half-written under a final name, and nothing lost once there is room.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bag::Bag;
use crate::context::{Outcome, PROGRAM, Room, loudly, tree};
use crate::emulated::{EmulatorProcess, SMALL};

/// A disk of this many KiB, if this machine lets us have one.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, kib: u32) -> Option<Self> {
        fs::create_dir(&at).expect("a folder");
        let disk = Self(at);
        disk.call(&["-t", "tmpfs", "-o", &format!("size={kib}k"), "none"])
            .then_some(disk)
    }

    fn grow(&self, kib: u32) {
        assert!(
            self.call(&["-o", &format!("remount,size={kib}k")]),
            "the disk grows"
        );
    }

    fn call(&self, args: &[&str]) -> bool {
        let mut mount = Command::new("mount");
        mount.args(args).arg(&self.0).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a test that failed may have left something open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What a bag in this state must never be: complete, or wrong in what it already shows.
fn nothing_is_half_written(bag: &Path, good: &Bag) {
    assert!(!Bag::at(bag).is_complete(), "it must not look finished");
    let whole = tree(&good.path("data"));
    for (name, bytes) in tree(&bag.join("data")) {
        // Files of lines grow page by page and are put in order at the end; bytes of artifacts come whole or not at all.
        if name.contains("/artifacts/") || name.contains("/assets/") {
            assert_eq!(whole.get(&name), Some(&bytes), "{name} is half written");
        }
    }
}

fn says_so(outcome: &Outcome) {
    let lines: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(lines.len(), 1, "{}", outcome.stderr);
    assert!(
        lines[0].contains("run the same command again"),
        "{}",
        lines[0]
    );
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_full_disk_is_said_and_with_room_the_same_command_goes_on() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, SMALL, "good", &["-q"]).ends(0);
    let good = Bag::at(room.path("good"));
    let Some(disk) = Disk::mount(room.path("disk"), 600) else {
        loudly(
            "no disk could be mounted here, so a full one was NOT tried; the limit of the file size is tried below",
        );
        return;
    };
    // The largest file is three mebibytes: each size fails at another place, the last ones while the bag is sealed.
    for kib in [600, 1_500, 3_000, 3_600] {
        disk.grow(kib);
        let outcome = emulator.run(&room, SMALL, "disk/bag", &["-q"]).ends(1);
        says_so(&outcome);
        assert!(
            outcome.stderr.contains("No space left") || outcome.stderr.contains("full"),
            "{}",
            outcome.stderr
        );
        nothing_is_half_written(&room.path("disk/bag"), &good);
    }
    disk.grow(60_000);
    let _ = emulator.run(&room, SMALL, "disk/bag", &["-q"]).ends(0);
    let bag = Bag::at(room.path("disk/bag"));
    bag.check();
    assert_eq!(bag.manifest(), good.manifest());
}

#[test]
fn a_file_that_may_not_grow_is_said_and_later_the_same_command_goes_on() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator.run(&room, SMALL, "good", &["-q"]).ends(0);
    let good = Bag::at(room.path("good"));
    let args = emulator.export(SMALL, "bag", &["-q"]);
    // The signal would end the program before it can say anything; a program started by a shell that ignores it gets EFBIG.
    let script = format!("trap '' XFSZ; ulimit -f 2048; exec {PROGRAM} \"$@\"");
    let mut command = Command::new("sh");
    room.dress(&mut command);
    command.args(["-c", &script, "sh"]).args(&args);
    let outcome = room.spawn(command).wait().ends(1);
    says_so(&outcome);
    nothing_is_half_written(&room.path("bag"), &good);
    let _ = room.run(&args).ends(0);
    let bag = Bag::at(room.path("bag"));
    bag.check();
    assert_eq!(bag.manifest(), good.manifest());
}
