//! Following what goes on after the answer, in all its forms.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::stage::Stage;
use crate::wire::Fault;
use crate::wire::erase::{Done, Eraser, Operation, Poll};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a header");
            (HeaderName::from_static(name), value)
        })
        .collect()
}

fn operation(pairs: &[(&'static str, &str)]) -> Option<String> {
    let asked = Url::parse("https://h.example/a/b?x=1").expect("an address");
    Operation::of(&headers(pairs), &asked)
        .map(|operation| format!("{:?} {}", operation.form, operation.url))
}

#[test]
fn the_preferred_header_leads_and_stays_on_the_host_that_was_called() {
    assert_eq!(operation(&[]), None);
    assert_eq!(
        operation(&[("location", "https://h.example/r")]).as_deref(),
        Some("Result https://h.example/r")
    );
    assert_eq!(
        operation(&[
            ("location", "https://h.example/r"),
            ("azure-asyncoperation", "https://h.example/s")
        ])
        .as_deref(),
        Some("Status https://h.example/s")
    );
    assert_eq!(
        operation(&[("operation-location", "/operations/1")]).as_deref(),
        Some("State https://h.example/operations/1")
    );
    for foreign in [
        "https://evil.example/r",
        "http://h.example/r",
        "https://h.example:444/r",
        "//evil.example/r",
        "https://user@h.example/r",
        "https://h.example@evil.example/r",
    ] {
        assert_eq!(operation(&[("location", foreign)]), None, "{foreign}");
    }
    // An address elsewhere does not hide one that is here.
    assert_eq!(
        operation(&[
            ("azure-asyncoperation", "https://evil.example/s"),
            ("location", "https://h.example/r")
        ])
        .as_deref(),
        Some("Result https://h.example/r")
    );
}

#[test]
fn a_long_address_is_taken_whole_and_shown_to_nobody() {
    let long = format!("https://h.example/r?sig={}", "s".repeat(3_000));
    let asked = Url::parse("https://h.example/").expect("an address");
    let operation = Operation::of(&headers(&[("location", &long)]), &asked).expect("an address");
    assert_eq!(operation.url.as_str(), long);
    assert_eq!(format!("{operation:?}"), "Operation(Result at h.example)");
}

const MAP: &str = "Microsoft.Probe/operations/1";

/// A deletion that is answered with these headers, and what its operation's address answers, time after time.
async fn begun(stage: &Stage, headers: Value, answers: &[Value]) -> (Eraser, Done) {
    let compute = stage.thing("computes", |_, _| true).await;
    let eraser = stage.eraser(&[stage.deed(&compute)]).expect("a known call");
    let mut mishaps = vec![
        json!({"path_contains": "/computes/", "method": "DELETE", "do": {"status": 202, "headers": headers}}),
    ];
    mishaps.extend(
        answers
            .iter()
            .map(|answer| json!({"path_contains": MAP, "do": answer})),
    );
    stage.control("mishaps", Value::from(mishaps)).await;
    let done = eraser.carry_out(0, None).await.expect("taken");
    assert_eq!(done.status, 202);
    assert!(done.goes_on);
    (eraser, done)
}

fn here(stage: &Stage) -> String {
    format!(
        "{}{}/providers/{MAP}",
        stage.emulator.arm_endpoint(),
        stage.path
    )
}

async fn once(eraser: &Eraser, done: &Done) -> (Poll, Option<Operation>) {
    let operation = done.operation.as_ref().expect("an operation");
    eraser.poll(operation).await.expect("an answer")
}

#[tokio::test]
async fn a_location_runs_until_it_is_no_202_and_may_move() {
    let stage = Stage::new().await;
    let moved = format!("{}?moved=2", here(&stage));
    let (eraser, done) = begun(
        &stage,
        json!({"location": here(&stage), "retry-after": "7"}),
        &[
            json!({"status": 202, "headers": {"location": moved, "retry-after": "3"}}),
            json!({"status": 204}),
        ],
    )
    .await;
    assert_eq!(done.wait, Some(Duration::from_secs(7)));
    let (poll, next) = once(&eraser, &done).await;
    assert_eq!(
        poll,
        Poll::Running {
            wait: Some(Duration::from_secs(3))
        }
    );
    let next = next.expect("it moved");
    assert_eq!(next.url.as_str(), moved);
    assert_eq!(
        eraser.poll(&next).await.expect("an answer").0,
        Poll::Succeeded
    );
}

#[tokio::test]
async fn a_location_that_moves_to_another_host_is_not_followed() {
    let stage = Stage::new().await;
    let (eraser, done) = begun(
        &stage,
        json!({"location": here(&stage)}),
        &[json!({"status": 202, "headers": {"location": "https://evil.example/r"}})],
    )
    .await;
    let (poll, moved) = once(&eraser, &done).await;
    assert_eq!((poll, moved), (Poll::Running { wait: None }, None));
}

#[tokio::test]
async fn a_location_that_ends_in_an_error_has_failed_in_the_words_of_the_service() {
    let stage = Stage::new().await;
    let body = json!({"error": {"code": "Busy", "message": "It is in use."}});
    let (eraser, done) = begun(
        &stage,
        json!({"location": here(&stage)}),
        &[json!({"status": 409, "body": body})],
    )
    .await;
    let failed = Poll::Failed {
        code: Some("Busy".to_owned()),
        message: "It is in use".to_owned(),
    };
    assert_eq!(once(&eraser, &done).await.0, failed);
}

#[tokio::test]
async fn a_poll_that_is_throttled_says_nothing_about_the_operation() {
    let stage = Stage::new().await;
    let busy = || json!({"status": 429, "headers": {"retry-after": "0"}});
    let (eraser, done) = begun(&stage, json!({"location": here(&stage)}), &[busy(), busy()]).await;
    let operation = done.operation.as_ref().expect("an operation");
    let fault = eraser.poll(operation).await.expect_err("no answer");
    assert_eq!(fault.status(), Some(429), "{fault}");
}

#[tokio::test]
async fn a_200_that_says_failed_is_a_failure() {
    let stage = Stage::new().await;
    let status = |text: &str| json!({"status": 200, "body": {"status": text}});
    let (eraser, done) = begun(
        &stage,
        json!({"azure-asyncoperation": here(&stage), "location": "/never"}),
        &[
            status("InProgress"),
            status("Resolving"),
            json!({"status": 200, "body": {"status": "Failed", "error": {"code": "Stuck", "message": "A disk is attached."}}}),
            status("Canceled"),
            status("Succeeded"),
        ],
    )
    .await;
    for _ in 0..2 {
        assert_eq!(once(&eraser, &done).await.0, Poll::Running { wait: None });
    }
    let failed = |code: Option<&str>, message: &str| Poll::Failed {
        code: code.map(str::to_owned),
        message: message.to_owned(),
    };
    assert_eq!(
        once(&eraser, &done).await.0,
        failed(Some("Stuck"), "A disk is attached")
    );
    assert_eq!(once(&eraser, &done).await.0, failed(None, "Canceled"));
    assert_eq!(once(&eraser, &done).await.0, Poll::Succeeded);
}

#[tokio::test]
async fn an_operation_of_model_management_has_a_state() {
    let stage = Stage::new().await;
    let named = |text: &str| json!({"status": 200, "body": {"state": text}});
    let (eraser, done) = begun(
        &stage,
        json!({"operation-location": here(&stage)}),
        &[named("NotStarted"), named("TimedOut"), named("Succeeded")],
    )
    .await;
    assert!(matches!(once(&eraser, &done).await.0, Poll::Running { .. }));
    assert!(matches!(once(&eraser, &done).await.0, Poll::Failed { .. }));
    assert_eq!(once(&eraser, &done).await.0, Poll::Succeeded);
}

#[tokio::test]
async fn an_operation_whose_address_is_gone_is_lost_and_a_202_alone_has_none() {
    let stage = Stage::new().await;
    let (eraser, done) = begun(
        &stage,
        json!({"location": here(&stage)}),
        &[json!({"status": 404})],
    )
    .await;
    assert_eq!(once(&eraser, &done).await, (Poll::Lost, None));
    let (_, alone) = begun(&stage, json!({}), &[]).await;
    assert!(alone.operation.is_none());
    let (_, foreign) = begun(&stage, json!({"location": "https://evil.example/r"}), &[]).await;
    assert!(foreign.operation.is_none());
}

#[tokio::test]
async fn the_emulator_fails_and_forgets_operations_too() {
    let stage = Stage::new().await;
    stage
        .control("settings", json!({"operations_fail": true}))
        .await;
    let run = stage.thing("runs", |_, _| true).await;
    let compute = stage
        .thing("computes", |_, doc| {
            doc["properties"]["isAttachedCompute"] != json!(true)
        })
        .await;
    let eraser = stage
        .eraser(&[stage.deed(&run), stage.deed(&compute)])
        .expect("known calls");
    for number in 0..2 {
        let done = eraser.carry_out(number, None).await.expect("taken");
        let end = stage.end(&eraser, &done).await;
        assert!(
            matches!(&end, Poll::Failed { code: Some(code), .. } if code == "OperationFailed"),
            "{end:?}"
        );
    }
    // Only the address of an operation is polled, and only by an eraser.
    let done = eraser.carry_out(0, None).await;
    assert!(!matches!(done, Err(Fault::NotAllowed { .. })));
}
