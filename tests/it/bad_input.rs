//! Every failure is one sentence: what, to what, why, and what to do next; with the exit code that the table promises.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::bag::Bag;
use crate::context::{Outcome, Room, tree};
use crate::emulated::{EmulatorProcess, LEGACY, SMALL};

/// Nobody's.
const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";

/// An export of the built-in emulator's smallest part.
fn quick(room: &Room, output: &str) -> Outcome {
    room.run(&["export", "--emulator", "--kinds", "computes", "-q", "-o", output])
}

/// The message is one line that says something, and no trace of the program's inside.
fn one_sentence(outcome: &Outcome) {
    let lines: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(lines.len(), 1, "{}", outcome.stderr);
    for inside in ["panicked", "RUST_BACKTRACE", "Caused by", "os error 2)\n\n"] {
        assert!(!outcome.stderr.contains(inside), "{}", outcome.stderr);
    }
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_directory_that_is_not_ours() {
    let room = Room::new();
    fs::create_dir(room.path("photos")).expect("a folder");
    fs::write(room.path("photos/cat.jpg"), "meow").expect("a file");
    let outcome = quick(&room, "photos").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: photos holds something that is no export of this program (cat.jpg). Choose a new or an empty directory
    ");
    assert_eq!(tree(&room.path("photos")).into_keys().collect::<Vec<_>>(), ["cat.jpg"], "nothing was added");
}

#[test]
fn a_bag_that_is_finished() {
    let room = Room::new();
    let _ = quick(&room, "bag").ends(0);
    let before = tree(&room.path("bag"));
    let outcome = quick(&room, "bag").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: bag holds a finished export, which is never changed. Choose another directory
    ");
    assert_eq!(tree(&room.path("bag")), before, "not a byte was changed");
}

#[test]
fn unfinished_work_of_another_scope_or_with_other_options() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let running = emulator.begin(&room, SMALL, "bag", &["-q"]);
    std::thread::sleep(Duration::from_millis(700));
    let _ = running.kill();
    assert!(room.path("bag/.aml-dsr").is_dir(), "it was killed midway");
    let other = emulator.run(&room, LEGACY, "bag", &["-q"]).ends(2);
    one_sentence(&other);
    insta::assert_snapshot!(other.said(), @r"
    exit 2
    error: bag holds an unfinished export with another scope: there workspace fabrikam-Lab_2 in resource group rg-fabrikam-lab of subscription [UUID], in Loopback (127.0.0.1), here workspace contoso-legacy in resource group rg-contoso-ml of subscription [UUID], in Loopback (127.0.0.1). Repeat that one to finish it, or choose another directory
    ");
    let options = emulator.run(&room, SMALL, "bag", &["-q", "--no-content"]).ends(2);
    one_sentence(&options);
    insta::assert_snapshot!(options.said(), @r"
    exit 2
    error: bag holds an unfinished export with another set of options: there kinds all, all content, here kinds all, no content. Repeat that one to finish it, or choose another directory
    ");
    // The right one is none the worse for it.
    let _ = emulator.run(&room, SMALL, "bag", &["-q"]).ends(0);
    Bag::at(room.path("bag")).check();
}

#[test]
fn two_at_once() {
    let (emulator, room) = (EmulatorProcess::start(&["--latency", "20"]), Room::new());
    let first = emulator.begin(&room, SMALL, "bag", &["-q"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !room.path("bag/.aml-dsr/lock").exists() || emulator.diary().total() < 5 {
        assert!(Instant::now() < deadline, "the first one does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    let second = emulator.run(&room, SMALL, "bag", &["-q"]).ends(2);
    one_sentence(&second);
    insta::assert_snapshot!(second.said(), @r"
    exit 2
    error: another program is writing bag. Wait for it, or choose another directory
    ");
    let _ = first.wait().ends(0);
    Bag::at(room.path("bag")).check();
}

#[test]
fn a_file_in_the_place_of_the_directory() {
    let room = Room::new();
    fs::write(room.path("bag"), "mine").expect("a file");
    let outcome = quick(&room, "bag").ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: bag holds something that is no export of this program (a file). Choose a new or an empty directory
    ");
    assert_eq!(fs::read_to_string(room.path("bag")).expect("the file"), "mine");
}

#[test]
fn a_parent_that_cannot_be_written() {
    let room = Room::new();
    fs::write(room.path("file"), "").expect("a file");
    // A file as parent is refused for every user; a directory without rights would not stop root.
    let outcome = quick(&room, "file/bag").ends(1);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 1
    error: cannot look at file/bag: Not a directory (os error 20). What was finished is kept: make room or see to the permissions, then run the same command again
    ");
}

#[test]
fn words_that_mean_nothing() {
    let room = Room::new();
    let kind = room.run(&["export", "--emulator", "--kinds", "modells", "-o", "bag"]).ends(2);
    one_sentence(&kind);
    insta::assert_snapshot!(kind.said(), @r"
    exit 2
    error: there is no kind `modells`; `aml-dsr kinds` lists them
    ");
    let row = room.run(&["kinds", "modells"]).ends(2);
    insta::assert_snapshot!(row.said(), @r"
    exit 2
    error: there is no kind `modells`; `aml-dsr kinds` lists them
    ");
    let size = room.run(&["export", "--emulator", "--max-file-size", "ten", "-o", "bag"]).ends(2);
    insta::assert_snapshot!(size.said(), @r"
    exit 2
    error: invalid value 'ten' for '--max-file-size <SIZE>': `ten` does not begin with a whole number

    For more information, try '--help'.
    ");
    let cloud = room.run(&["export", "--cloud", "AzureMoonCloud", "--subscription", SUBSCRIPTION, "-g", "rg", "-w", "ws", "-o", "bag"]).ends(2);
    one_sentence(&cloud);
    insta::assert_snapshot!(cloud.said(), @r#"
    exit 2
    error: There is no cloud named "AzureMoonCloud". Name AzureCloud, AzureChinaCloud or AzureUSGovernment, or give a metadata address for another one.
    "#);
    let http = ["export", "--arm-endpoint", "http://management.example.com", "--subscription", SUBSCRIPTION, "-g", "rg", "-w", "ws", "-o", "bag"];
    let http = room.run(&http).ends(2);
    one_sentence(&http);
    insta::assert_snapshot!(http.said(), @r#"
    exit 2
    error: "http://management.example.com/" cannot be used as the address of Azure: a token would travel in the clear. Give an https address, or an http one on this machine.
    "#);
    let both = room.run(&["export", "--emulator", "--cloud", "AzureCloud", "-o", "bag"]).ends(2);
    insta::assert_snapshot!(both.said(), @r"
    exit 2
    error: the argument '--emulator' cannot be used with '--cloud <NAME>'

    Usage: aml-dsr export --output <DIR> --emulator

    For more information, try '--help'.
    ");
    assert!(!room.path("bag").exists(), "no directory is made for a command that cannot be understood");
}

#[test]
fn no_scope_at_all() {
    let room = Room::new();
    let outcome = room.run(&["export", "-o", "bag"]).ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: The workspace is not named: pass --workspace-name (-w) or --workspace-id, or --all-workspaces for every one, set AZUREML_ARM_WORKSPACE_NAME, run az config set defaults.workspace=NAME, or work in a directory with the workspace's config.json.
    ");
    assert!(!room.path("bag").exists());
}

#[test]
fn a_workspace_that_does_not_exist() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let outcome = emulator.run(&room, "no-such-workspace", "bag", &["-q"]).ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: the workspace or resource group is not there (The Resource 'Microsoft.MachineLearningServices/workspaces/no-such-workspace' under resource group 'rg-contoso-ml' was not found); check --subscription, -g and -w, or list them with `az ml workspace list`
    ");
    assert!(!Bag::at(room.path("bag")).is_complete());
}

#[test]
fn no_permission_and_no_good_token() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let refuse = |status: u16, code: &str, message: &str| {
        emulator.reset();
        let body = json!({"error": {"code": code, "message": message}});
        let act = json!({"status": status, "body": body});
        emulator.tell("mishaps", &json!({"path_contains": "/workspaces/", "times": 100, "do": act}));
    };
    refuse(403, "AuthorizationFailed", "The client does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read'.");
    let forbidden = emulator.run(&room, SMALL, "forbidden", &["-q"]).ends(5);
    one_sentence(&forbidden);
    insta::assert_snapshot!(forbidden.said(), @r"
    exit 5
    error: 127.0.0.1:[PORT] refused the workspace (403, AuthorizationFailed): The client does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read'. Ask for the role Reader or AzureML Data Scientist on the workspace; behind a private endpoint, run this inside its network
    ");
    refuse(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.");
    let args = emulator.export(SMALL, "expired", &["-q", "--token-stdin"]);
    let expired = room.run_with_input(&args, "an-old-token\n").ends(5);
    one_sentence(&expired);
    insta::assert_snapshot!(expired.said(), @r"
    exit 5
    error: Azure refused the token that was given, and a token from stdin cannot be renewed. Get a new one for the right tenant and cloud: az account get-access-token --query accessToken -o tsv
    ");
    emulator.reset();
    let empty = room.run_with_input(&emulator.export(SMALL, "empty", &["-q", "--token-stdin"]), "\n").ends(5);
    one_sentence(&empty);
    insta::assert_snapshot!(empty.said(), @r"
    exit 5
    error: What came on stdin is not a token: it is empty. Pass it like this: az account get-access-token --query accessToken -o tsv | ...
    ");
}

#[test]
fn nobody_answers() {
    let room = Room::new();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let endpoint = format!("http://127.0.0.1:{port}");
    let words = ["export", "--arm-endpoint", &endpoint, "--subscription", SUBSCRIPTION, "-g", "rg", "-w", "ws", "-q", "--max-wait", "2", "-o", "bag"];
    let outcome = room.run(&words).ends(1);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 1
    error: no answer from 127.0.0.1:[PORT] for the workspace after 3 tries: no connection (Connection refused (os error 111)); check the network, a proxy, or a private endpoint
    ");
}

#[test]
fn the_workspaces_own_configuration_is_found() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let config = json!({"subscription_id": emulator.subscription, "resource_group": "rg-fabrikam-lab", "workspace_name": SMALL});
    fs::create_dir(room.path(".azureml")).expect("a folder");
    fs::write(room.path(".azureml/config.json"), config.to_string()).expect("a file");
    let words = ["export", "--arm-endpoint", &emulator.endpoint, "--kinds", "computes", "-o", "bag"];
    let outcome = room.run(&words).ends(0);
    assert!(outcome.stderr.contains("config.json"), "it says where the scope comes from: {}", outcome.stderr);
    assert_eq!(Bag::at(room.path("bag")).coverage(SMALL, "computes")["items"], 1);
}

#[test]
fn the_port_of_the_emulator_is_taken() {
    let room = Room::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let outcome = room.run(&["emulator", "--port", &port]).ends(1);
    one_sentence(&outcome);
    assert!(outcome.stderr.contains("--port"), "{}", outcome.stderr);
}
