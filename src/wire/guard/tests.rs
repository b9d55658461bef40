//! Preflight against the emulator.

use serde_json::json;

use super::{Lock, May, Standing, action, preflight};
use crate::kinds::Base;
use crate::wire::Change;
use crate::wire::erase::tests::stage::Stage;

#[tokio::test]
async fn locks_of_the_group_bar_what_goes_through_the_resource_manager() {
    let stage = Stage::new().await;
    let group = stage
        .path
        .split("/providers/")
        .next()
        .expect("a group")
        .to_owned();
    let elsewhere = format!("{group}-2");
    stage
        .control(
            "settings",
            json!({"locks": [{"scope": group, "level": "CanNotDelete"}, {"scope": elsewhere, "level": "ReadOnly"}]}),
        )
        .await;
    let found = preflight(&stage.wire, &stage.path).await;
    let locks = found.locks.clone().expect("readable");
    assert_eq!(locks.len(), 1, "{locks:?}");
    assert_eq!(
        (locks[0].scope.as_str(), locks[0].level.as_str()),
        (group.as_str(), "CanNotDelete")
    );
    assert!(locks[0].notes.is_some());
    let job = format!("{}/jobs/one?api-version=x", stage.path);
    assert_eq!(found.barred(Change::Delete, Base::Arm, &job).len(), 1);
    assert!(found.barred(Change::Put, Base::Arm, &job).is_empty());
    assert!(
        found
            .barred(
                Change::Delete,
                Base::Models2,
                &format!("/modelmanagement/v1.0{}/models/a", stage.path)
            )
            .is_empty()
    );
}

#[tokio::test]
async fn a_workspace_without_locks_is_free_and_here() {
    let stage = Stage::new().await;
    let found = preflight(&stage.wire, &stage.path).await;
    assert_eq!(found.locks, Ok(Vec::new()));
    assert_eq!(found.standing, Ok(Standing::Here));
    for kind in ["workspaces", "computes", "jobs", "models"] {
        assert_eq!(found.may(&action(kind).expect("named")), May::Yes, "{kind}");
    }
}

#[tokio::test]
async fn what_may_not_be_read_is_unknown_and_no_stop() {
    let stage = Stage::new().await;
    let denied = |path: &str| json!({"path_contains": path, "times": 9, "do": {"status": 403}});
    stage
        .control(
            "mishaps",
            json!([
                denied("Microsoft.Authorization/locks"),
                denied("Microsoft.Authorization/permissions")
            ]),
        )
        .await;
    let found = preflight(&stage.wire, &stage.path).await;
    let why = found.locks.clone().expect_err("denied");
    assert!(
        why.starts_with("Whether there are locks is not known: "),
        "{why}"
    );
    assert!(why.contains("403"), "{why}");
    assert!(found.permissions.is_err());
    assert_eq!(found.may("anything"), May::Unknown);
    assert!(
        found
            .barred(Change::Delete, Base::Arm, &stage.path)
            .is_empty()
    );
    assert_eq!(found.standing, Ok(Standing::Here));
}

#[tokio::test]
async fn a_name_that_nothing_has_is_absent() {
    let stage = Stage::new().await;
    for path in [
        format!("{}-never", stage.path),
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/none/providers/Microsoft.MachineLearningServices/workspaces/none"
            .to_owned(),
    ] {
        assert_eq!(preflight(&stage.wire, &path).await.standing, Ok(Standing::Absent), "{path}");
    }
}

#[tokio::test]
async fn a_name_that_only_a_list_knows_is_reserved() {
    let stage = Stage::new().await;
    let name = format!("/workspaces/{}", stage.emulator.workspace());
    // Locks and permissions are asked for first.
    stage
        .control(
            "mishaps",
            json!({"path_contains": name, "after": 2, "do": {"status": 404}}),
        )
        .await;
    let found = preflight(&stage.wire, &stage.path).await;
    assert_eq!(
        found.standing,
        Ok(Standing::Reserved {
            state: Some("Succeeded".to_owned())
        })
    );
}

#[test]
fn a_lock_covers_what_lies_below_and_nothing_beside() {
    let lock = |scope: &str, level: &str| Lock {
        name: "kept".to_owned(),
        scope: scope.to_owned(),
        level: level.to_owned(),
        notes: None,
    };
    let address =
        "/subscriptions/s/resourceGroups/G/providers/P/workspaces/ml/computes/c?api-version=x";
    for scope in [
        "/subscriptions/S",
        "/subscriptions/s/resourcegroups/g/",
        "/subscriptions/s/resourceGroups/G/providers/P/workspaces/ml/computes/c",
    ] {
        assert!(
            lock(scope, "CanNotDelete").bars(Change::Delete, Base::Arm, address),
            "{scope}"
        );
        assert!(
            lock(scope, "ReadOnly").bars(Change::Post, Base::Arm, address),
            "{scope}"
        );
        assert!(
            !lock(scope, "cannotdelete").bars(Change::Post, Base::Arm, address),
            "{scope}"
        );
    }
    for scope in [
        "/subscriptions/s/resourceGroups/G/providers/P/workspaces/m",
        "/subscriptions/s/resourceGroups/G/providers/P/workspaces/ml/computes/c/x",
    ] {
        assert!(
            !lock(scope, "ReadOnly").bars(Change::Delete, Base::Arm, address),
            "{scope}"
        );
    }
}

/// An id has names as they are, an address has them escaped.
#[test]
fn a_lock_on_an_odd_name_is_a_lock() {
    let lock = |scope: &str| Lock {
        name: "kept".to_owned(),
        scope: scope.to_owned(),
        level: "CanNotDelete".to_owned(),
        notes: None,
    };
    let group = "/subscriptions/s/resourceGroups/r%C3%A4ume%281%29/providers/P/workspaces/ml";
    let address = format!("{group}/models/a%20b?api-version=x");
    for (scope, bars) in [
        ("/subscriptions/s/resourceGroups/Räume(1)", true),
        (
            "/subscriptions/s/resourceGroups/räume(1)/providers/P/workspaces/ml/models/a b",
            true,
        ),
        (
            "/subscriptions/s/resourceGroups/r%C3%A4ume%281%29/providers/P/workspaces/ml",
            true,
        ),
        ("/subscriptions/s/resourceGroups/räume", false),
        (
            "/subscriptions/s/resourceGroups/räume(1)/providers/P/workspaces/ml/models/a",
            false,
        ),
    ] {
        assert_eq!(
            lock(scope).bars(Change::Delete, Base::Arm, &address),
            bars,
            "{scope}"
        );
    }
}
