//! At a terminal the name of the workspace has to be typed. `script` (util-linux) makes the terminal.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{Desk, only_what_was_shown};
use crate::context::{Outcome, PROGRAM, loudly};

/// Runs `delete` at a terminal and types a line when it is asked for. `None` where nothing makes a terminal.
fn typed(desk: &Desk, more: &[&str], line: &str) -> Option<Outcome> {
    let mut words = vec![PROGRAM.to_owned()];
    words.extend(desk.args(more));
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let mut command = Command::new("script");
    desk.room.dress(&mut command);
    command
        .args(["-q", "-e", "-c", &quoted.join(" "), "typescript"])
        .stdin(Stdio::piped());
    if Command::new("script").arg("--version").output().is_err() {
        loudly("there is no `script` here, so nothing was typed at a terminal");
        return None;
    }
    let mut running = desk.room.spawn(command);
    let mut stdin = running.stdin().expect("a pipe");
    writeln!(stdin, "{line}").expect("the line is typed");
    let outcome = running.wait();
    drop(stdin);
    Some(outcome)
}

#[test]
fn a_wrong_name_sends_nothing_and_the_right_one_carries_out() {
    let desk = Desk::main();
    let plan = desk.plan("plan.json", &["--kind", "pipeline-drafts"]);
    desk.emulator.reset();
    for wrong in ["contoso", "CONTOSO-ML", "yes", ""] {
        let Some(outcome) = typed(&desk, &["--plan", "plan.json"], wrong) else {
            return;
        };
        let outcome = outcome.ends(4);
        assert!(
            outcome.stdout.contains("was not the name of the workspace"),
            "{}",
            outcome.stdout
        );
        assert!(desk.changes().is_empty(), "{wrong}");
        assert!(!desk.room.path("plan.applied").exists());
    }
    if let Some(outcome) = typed(&desk, &["--plan", "plan.json"], desk.workspace) {
        let outcome = outcome.ends(0);
        assert!(
            outcome.stdout.contains("pipeline-drafts"),
            "{}",
            outcome.stdout
        );
        only_what_was_shown(&desk, &plan);
        assert_eq!(desk.deletions().len(), 3);
    }
}
