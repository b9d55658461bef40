//! A workspace that lists still show and that cannot be had any more.

use serde_json::json;

use super::{Tenant, held};
use crate::emulated::SMALL;

#[test]
fn a_soft_deleted_workspace_is_a_gap_that_says_what_can_be_known() {
    let tenant = Tenant::new();
    tenant.set(&json!({"lists_soft_deleted": true}));
    tenant.emulator.tell(
        "touch",
        &json!({"workspace": SMALL, "kind": "workspaces", "id": SMALL, "soft": true}),
    );
    let subscription = tenant.subscriptions[0].clone();
    for (output, scope) in [
        ("bag", &["--all-subscriptions"][..]),
        (
            "one",
            &["--all-workspaces", "--subscription", &subscription][..],
        ),
    ] {
        let words = [&["-o", output], scope].concat();
        let _ = tenant.run("export", &words).ends(3);
        let bag = crate::bag::Bag::at(tenant.room.path(output));
        bag.check();
        assert!(!held(&bag).contains(SMALL));
        let gaps = bag.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["workspace"], SMALL);
        assert_eq!(gaps[0]["class"], "vanished");
        assert_eq!(gaps[0]["status"], 404);
        let reason = gaps[0]["reason"].as_str().expect("a reason");
        for words in ["as Deleting", "14 days", "recover it", "purge it"] {
            assert!(reason.contains(words), "{reason}");
        }
        assert_eq!(bag.coverage(SMALL, "runs")["status"], "failed");
    }
}

#[test]
fn a_workspace_that_only_a_late_index_shows_is_not_called_deleting() {
    let tenant = Tenant::new();
    let id = tenant.id(0, "rg-fabrikam-lab", SMALL);
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": id, "times": 1000,
                 "do": {"status": 404, "body": {"error": {"code": "ResourceNotFound", "message": "Gone."}}}}]),
    );
    tenant.set(&json!({"lists_hide": [id]}));
    let _ = tenant.export(&["--all-subscriptions"]).ends(3);
    let gaps = tenant.bag().gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let reason = gaps[0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("the index has not heard"), "{reason}");
    assert!(!reason.contains("as Succeeded"), "{reason}");
}
