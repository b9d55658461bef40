//! The index counts the questions of each user, and nobody asks before there are some left.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Tenant, held};

fn asked(tenant: &Tenant) -> usize {
    let lines = tenant.emulator.diary().lines();
    lines
        .iter()
        .filter(|(path, _)| path.contains("Microsoft.ResourceGraph"))
        .count()
}

#[test]
fn a_quota_that_is_used_up_is_waited_for_between_two_pages() {
    let tenant = Tenant::new();
    tenant.set(
        &json!({"resource_graph_page": 2, "resource_graph_quota": {"queries": 1, "seconds": 2}}),
    );
    let began = Instant::now();
    let _ = tenant.export(&["--all-subscriptions"]).ends(0);
    assert!(began.elapsed() >= Duration::from_secs(4), "two pauses");
    assert_eq!(held(&tenant.bag()), tenant.labels());
    assert_eq!(asked(&tenant), 3, "one question a page");
    assert_eq!(tenant.emulator.diary().with_status(429), 0);
}

#[test]
fn a_refusal_that_names_only_the_quota_is_waited_for() {
    let tenant = Tenant::new();
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": "Microsoft.ResourceGraph", "times": 1,
                 "do": {"status": 429, "headers": {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:03"}}}]),
    );
    let began = Instant::now();
    let _ = tenant.export(&["--all-subscriptions"]).ends(0);
    assert!(began.elapsed() >= Duration::from_secs(3));
    assert_eq!(asked(&tenant), 3, "a refusal and two pages");
}

#[test]
fn a_pause_that_is_longer_than_anybody_waits_is_a_gap_and_the_lists_are_walked() {
    let tenant = Tenant::new();
    tenant.set(&json!({"resource_graph_quota": {"queries": 1, "seconds": 3600}}));
    let _ = tenant
        .export(&["--all-subscriptions", "--max-wait", "30"])
        .ends(3);
    let bag = tenant.bag();
    assert_eq!(held(&bag), tenant.labels());
    assert_eq!(bag.gaps().len(), 1);
    assert_eq!(bag.gaps()[0]["class"], "throttled");
}

#[test]
fn unfinished_work_goes_on_with_the_workspaces_that_it_began_with() {
    let tenant = Tenant::with(&["--latency", "5"]);
    let words = tenant.words("export", &["--all-subscriptions", "-o", "bag"]);
    let running = tenant.room.start(&words);
    let until = Instant::now() + Duration::from_secs(60);
    while tenant.emulator.diary().total() < 60 {
        assert!(Instant::now() < until, "it gets going");
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = running.kill();
    assert_eq!(asked(&tenant), 2);
    // What came to be meanwhile is not of this count, and what is hidden now is.
    tenant.set(&json!({"resource_graph_hides": [tenant.id(0, "rg-contoso-ml", "contoso-ml")], "latency_ms": 0}));
    let _ = tenant.room.run(&words).ends(0);
    let bag = tenant.bag();
    assert_eq!(held(&bag), tenant.labels());
    assert_eq!(asked(&tenant), 2, "counted once");
    assert_eq!(bag.notes().len(), 1, "the disabled subscription, once");
}
