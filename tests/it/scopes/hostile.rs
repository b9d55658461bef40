//! Answers about the scope itself that nobody means well with: lists without an end, and one workspace under two spellings.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::Tenant;
use crate::context::Room;

const SUBSCRIPTION: &str = "11111111-0000-4000-8000-000000000001";

/// Pages are numbered over all connections: one that came twice would end the list for another reason.
static PAGES: AtomicU32 = AtomicU32::new(1);

/// A resource manager whose lists of workspaces go on for ever, each page with another link; it ends with the test's process.
fn endless(index: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let own = endpoint.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let own = own.clone();
            thread::spawn(move || serve(&stream.expect("a connection"), &own, index));
        }
    });
    endpoint
}

fn serve(stream: &TcpStream, own: &str, index: bool) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            let line = line.trim_end().to_lowercase();
            if line.is_empty() {
                break;
            }
            if path.is_empty() {
                path = line;
            } else if let Some(bytes) = line.strip_prefix("content-length:") {
                length = bytes.trim().parse().expect("a number");
            }
        }
        let _ = reader.read_exact(&mut vec![0; length]);
        let page = PAGES.fetch_add(1, Ordering::Relaxed);
        let body = answer(&path, own, index, page).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut writer = stream;
        if writer
            .write_all(format!("{head}{body}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

fn answer(path: &str, own: &str, index: bool, page: u32) -> Value {
    let rows = || -> Vec<Value> {
        let id = |row: u32| {
            format!(
                "/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w-{page}-{row}"
            )
        };
        (0..1000).map(|row| json!({"id": id(row)})).collect()
    };
    if path.contains("resourcegraph") {
        if index {
            return json!({"totalRecords": 5, "resultTruncated": "false", "$skipToken": page.to_string(), "data": rows()});
        }
        return json!({"totalRecords": 0, "resultTruncated": "false", "data": []});
    }
    if path.starts_with("get /subscriptions?") {
        return json!({"value": [{"subscriptionId": SUBSCRIPTION, "state": "Enabled"}]});
    }
    if !index && path.contains("machinelearningservices/workspaces?") {
        let link = format!(
            "{own}/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/workspaces?api-version=2024-04-01&$skipToken={page}"
        );
        return json!({"value": rows(), "nextLink": link});
    }
    json!({"value": []})
}

#[test]
fn a_count_without_an_end_is_ended() {
    let room = Room::new();
    for index in [true, false] {
        let endpoint = endless(index);
        let words = [
            "--arm-endpoint",
            &endpoint,
            "--all-subscriptions",
            "--quiet",
        ];
        let output = if index { "index" } else { "list" };
        let outcome = room
            .run(&[&["export", "--kinds", "runs", "-o", output], &words[..]].concat())
            .ends(3);
        let said = std::fs::read_to_string(room.path(output).join("data/gaps.jsonl"));
        let said = said.expect("the gaps");
        assert!(
            said.contains("the list has more than 100000 items and still goes on"),
            "{said} {}",
            outcome.stderr
        );
    }
}

#[test]
fn a_workspace_that_a_list_shows_twice_is_one() {
    let tenant = Tenant::new();
    let id = tenant.id(0, "rg-contoso-ml", "contoso-legacy");
    let body = json!({"value": [{"id": id}, {"id": id.to_uppercase().replace("CONTOSO-LEGACY", "contoso-legacy")}]});
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": format!("/subscriptions/{}/providers/Microsoft.MachineLearningServices/workspaces", tenant.subscriptions[0]),
                 "times": 1000, "do": {"status": 200, "body": body}}]),
    );
    let words = [
        "--all-workspaces",
        "--subscription",
        &tenant.subscriptions[0],
    ];
    let _ = tenant.export(&words).ends(0);
    let held: Vec<String> = super::held(&tenant.bag()).into_iter().collect();
    assert_eq!(held, ["contoso-legacy"]);
}
