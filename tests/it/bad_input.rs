//! Words that mean nothing, a scope that is not there, no permission, nobody who answers: one sentence each, with the exit
//! code that the table promises.

use std::fs;

use serde_json::json;

use crate::bad_places::one_sentence;
use crate::bag::Bag;
use crate::context::Room;
use crate::emulated::{EmulatorProcess, SMALL};

/// Nobody's.
const SUBSCRIPTION: &str = "00000000-0000-4000-8000-000000000001";

#[test]
fn words_that_mean_nothing() {
    let room = Room::new();
    let kind = room
        .run(&["export", "--emulator", "--kinds", "modells", "-o", "bag"])
        .ends(2);
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
    let size = room
        .run(&[
            "export",
            "--emulator",
            "--max-file-size",
            "ten",
            "-o",
            "bag",
        ])
        .ends(2);
    insta::assert_snapshot!(size.said(), @r"
    exit 2
    error: invalid value 'ten' for '--max-file-size <SIZE>': `ten` does not begin with a whole number

    For more information, try '--help'.
    ");
    let cloud = room
        .run(&[
            "export",
            "--cloud",
            "AzureMoonCloud",
            "--subscription",
            SUBSCRIPTION,
            "-g",
            "rg",
            "-w",
            "ws",
            "-o",
            "bag",
        ])
        .ends(2);
    one_sentence(&cloud);
    insta::assert_snapshot!(cloud.said(), @r#"
    exit 2
    error: There is no cloud named "AzureMoonCloud". Name AzureCloud, AzureChinaCloud or AzureUSGovernment, or give a metadata address for another one.
    "#);
    let http = [
        "export",
        "--arm-endpoint",
        "http://management.example.com",
        "--subscription",
        SUBSCRIPTION,
        "-g",
        "rg",
        "-w",
        "ws",
        "-o",
        "bag",
    ];
    let http = room.run(&http).ends(2);
    one_sentence(&http);
    insta::assert_snapshot!(http.said(), @r#"
    exit 2
    error: "http://management.example.com/" cannot be used as the address of Azure: a token would travel in the clear. Give an https address, or an http one on this machine.
    "#);
    let both = room
        .run(&["export", "--emulator", "--cloud", "AzureCloud", "-o", "bag"])
        .ends(2);
    insta::assert_snapshot!(both.said(), @r"
    exit 2
    error: the argument '--emulator' cannot be used with '--cloud <NAME>'

    Usage: aml-dsr export --output <DIR> --emulator

    For more information, try '--help'.
    ");
    assert!(
        !room.path("bag").exists(),
        "no directory is made for a command that cannot be understood"
    );
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
    let outcome = emulator
        .run(&room, "no-such-workspace", "bag", &["-q"])
        .ends(2);
    one_sentence(&outcome);
    insta::assert_snapshot!(outcome.said(), @r"
    exit 2
    error: the workspace, registry or resource group is not there (The Resource 'Microsoft.MachineLearningServices/workspaces/no-such-workspace' under resource group 'rg-contoso-ml' was not found); check --subscription, -g and -w or --registry, or list them with `az ml workspace list` or `az ml registry list`
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
        emulator.tell(
            "mishaps",
            &json!({"path_contains": "/workspaces/", "times": 100, "do": act}),
        );
    };
    refuse(
        403,
        "AuthorizationFailed",
        "The client does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read'.",
    );
    let forbidden = emulator.run(&room, SMALL, "forbidden", &["-q"]).ends(5);
    one_sentence(&forbidden);
    insta::assert_snapshot!(forbidden.said(), @r"
    exit 5
    error: 127.0.0.1:[PORT] refused the workspace (403, AuthorizationFailed): The client does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read'. Ask for the role Reader or AzureML Data Scientist on the workspace; behind a private endpoint, run this inside its network
    ");
    refuse(
        401,
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time is earlier than current UTC time.",
    );
    let args = emulator.export(SMALL, "expired", &["-q", "--token-stdin"]);
    let expired = room.run_with_input(&args, "an-old-token\n").ends(5);
    one_sentence(&expired);
    insta::assert_snapshot!(expired.said(), @r"
    exit 5
    error: Azure refused the token that was given, and a token from stdin cannot be renewed. Get a new one for the right tenant and cloud: az account get-access-token --query accessToken -o tsv
    ");
    emulator.reset();
    let empty = room
        .run_with_input(
            &emulator.export(SMALL, "empty", &["-q", "--token-stdin"]),
            "\n",
        )
        .ends(5);
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
    let words = [
        "export",
        "--arm-endpoint",
        &endpoint,
        "--subscription",
        SUBSCRIPTION,
        "-g",
        "rg",
        "-w",
        "ws",
        "-q",
        "--max-wait",
        "2",
        "-o",
        "bag",
    ];
    let outcome = room.run(&words).ends(1);
    one_sentence(&outcome);
    let said = crate::filters::replace(&outcome.said(), "after ", "[N]", |c| c.is_ascii_digit());
    insta::assert_snapshot!(said, @r"
    exit 1
    error: no answer from 127.0.0.1:[PORT] for the workspace after [N] tries: no connection (Connection refused (os error 111)); check the network, a proxy, or a private endpoint
    ");
}

#[test]
fn the_workspaces_own_configuration_is_found() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let config = json!({"subscription_id": emulator.subscription, "resource_group": "rg-fabrikam-lab", "workspace_name": SMALL});
    fs::create_dir(room.path(".azureml")).expect("a folder");
    fs::write(room.path(".azureml/config.json"), config.to_string()).expect("a file");
    let words = [
        "export",
        "--arm-endpoint",
        &emulator.endpoint,
        "--kinds",
        "computes",
        "-o",
        "bag",
    ];
    let outcome = room.run(&words).ends(0);
    assert!(
        outcome.stderr.contains("config.json"),
        "it says where the scope comes from: {}",
        outcome.stderr
    );
    assert_eq!(
        Bag::at(room.path("bag")).coverage(SMALL, "computes")["items"],
        1
    );
}

#[test]
fn the_port_of_the_emulator_is_taken() {
    let room = Room::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener
        .local_addr()
        .expect("an address")
        .port()
        .to_string();
    let outcome = room.run(&["emulator", "--port", &port]).ends(1);
    one_sentence(&outcome);
    assert!(outcome.stderr.contains("--port"), "{}", outcome.stderr);
}
