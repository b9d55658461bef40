//! Registries of wide scopes: each in its own folder, whatever its name, and none passed over in silence.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Tenant, reasons};
use crate::bag::Bag;
use crate::context::Outcome;
use crate::emulated::SMALL;

impl Tenant {
    /// An export of registries and nothing else.
    fn registries(&self, output: &str, more: &[&str]) -> Outcome {
        let mut words = vec![
            "export",
            "--arm-endpoint",
            &self.emulator.endpoint,
            "--quiet",
            "--kinds",
            "registry-model-versions",
            "-o",
            output,
        ];
        words.extend(more);
        self.room.run(&words)
    }

    /// The name that the registry of a subscription goes by beside the others.
    fn registry(&self, at: usize) -> String {
        format!(
            "registry {}/rg-contoso-ml/contoso-shared",
            self.subscriptions[at]
        )
    }

    fn registry_id(&self, at: usize) -> String {
        let id = self.id(at, "rg-contoso-ml", "contoso-shared");
        id.replace("/workspaces/", "/registries/")
    }

    fn checked(&self, output: &str) -> Bag {
        let bag = Bag::at(self.room.path(output));
        bag.check();
        bag
    }
}

/// The registries whose own documents are in a bag.
fn shared(bag: &Bag) -> BTreeSet<String> {
    bag.inventory()
        .into_iter()
        .filter(|entry| entry.kind == "registries")
        .map(|entry| entry.workspace)
        .collect()
}

#[test]
fn registries_of_one_name_in_several_subscriptions_do_not_share_a_folder() {
    let tenant = Tenant::new();
    let _ = tenant.registries("bag", &["--all-subscriptions"]).ends(0);
    let bag = tenant.checked("bag");
    // The index shows the third, whose subscription is disabled and not listed.
    let all: BTreeSet<String> = (0..3).map(|at| tenant.registry(at)).collect();
    assert_eq!(shared(&bag), all);
    let items = |at: usize| bag.coverage(&tenant.registry(at), "registry-models")["items"].as_u64();
    assert_eq!([items(0), items(1), items(2)], [Some(3), Some(0), Some(0)]);
    let files: BTreeSet<String> = bag
        .inventory()
        .into_iter()
        .filter(|entry| entry.kind == "registries")
        .filter_map(|entry| entry.file)
        .collect();
    assert_eq!(files.len(), 3, "a folder each: {files:?}");
}

#[test]
fn a_management_group_has_its_registries_even_where_it_has_no_workspace() {
    let tenant = Tenant::new();
    for (group, found) in [("contoso-research", 1..2), ("contoso", 0..3)] {
        let _ = tenant
            .registries(group, &["--management-group", group])
            .ends(0);
        let bag = tenant.checked(group);
        if found.len() == 1 {
            let alone = ["registry contoso-shared".to_owned()];
            assert_eq!(shared(&bag), BTreeSet::from(alone));
        } else {
            let all: BTreeSet<String> = found.map(|at| tenant.registry(at)).collect();
            assert_eq!(shared(&bag), all);
        }
    }
}

#[test]
fn a_tenant_of_registries_alone_is_not_empty() {
    let tenant = Tenant::new();
    let ids: Vec<String> = [
        (0, "rg-contoso-ml", "contoso-ml"),
        (0, "rg-contoso-ml", "contoso-legacy"),
        (0, "rg-fabrikam-lab", SMALL),
        (1, "rg-contoso-ml", "contoso-ml"),
        (1, "rg-research", "contoso-legacy"),
    ]
    .map(|(at, group, name)| tenant.id(at, group, name))
    .to_vec();
    tenant.set(&json!({"lists_hide": ids, "resource_graph_hides": ids}));
    let _ = tenant.registries("bag", &["--all-subscriptions"]).ends(0);
    assert_eq!(shared(&tenant.checked("bag")).len(), 3);
    // Everything is asked for, and there are registries only.
    let words = [
        "export",
        "--arm-endpoint",
        &tenant.emulator.endpoint,
        "--quiet",
    ];
    let all = ["-o", "all", "--all-subscriptions"];
    let _ = tenant.room.run(&[&words[..], &all].concat()).ends(0);
    assert_eq!(shared(&tenant.checked("all")).len(), 3);
    // A bag for each workspace is none then, and the way to the registries is said.
    let each = ["-o", "each", "--all-subscriptions", "--bag-per-workspace"];
    let outcome = tenant.room.run(&[&words[..], &each].concat()).ends(2);
    assert!(outcome.stderr.contains("--registry"), "{}", outcome.stderr);
    // Without them there is nothing at all.
    let mut hidden = ids;
    hidden.extend((0..3).map(|at| tenant.registry_id(at)));
    tenant.set(&json!({"lists_hide": hidden, "resource_graph_hides": hidden}));
    let outcome = tenant.registries("none", &["--all-subscriptions"]).ends(2);
    assert!(
        outcome
            .stderr
            .contains("no workspace is visible there, and no registry"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn where_the_workspaces_cannot_be_listed_the_registries_are_and_the_other_way_round() {
    let tenant = Tenant::new();
    let second = tenant.subscriptions[1].clone();
    let refuse = |word: &str| {
        tenant.emulator.reset();
        tenant.emulator.tell(
            "mishaps",
            &json!([{"path_contains": format!("/subscriptions/{second}/providers/Microsoft.MachineLearningServices/{word}"),
                     "times": 1000,
                     "do": {"status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "No."}}}}]),
        );
    };
    let kinds = [
        "--kinds",
        "experiments,registry-models",
        "--all-subscriptions",
    ];
    for (word, label) in [
        ("workspaces", format!("subscription {second}")),
        ("registries", format!("registries of subscription {second}")),
    ] {
        refuse(word);
        let mut words = vec![
            "export",
            "--arm-endpoint",
            &tenant.emulator.endpoint,
            "--quiet",
            "-o",
            word,
        ];
        words.extend(kinds);
        let _ = tenant.room.run(&words).ends(3);
        let bag = tenant.checked(word);
        let gaps = bag.gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!(gaps[0]["workspace"], label);
        assert_eq!(gaps[0]["class"], "denied");
        assert_eq!(bag.coverage(&label, word)["status"], "denied");
        // The index shows them all the same.
        assert_eq!(shared(&bag).len(), 3);
    }
}

#[test]
fn what_is_said_of_a_registry_is_true_of_registries() {
    let tenant = Tenant::new();
    let id = tenant.registry_id(0);
    tenant.emulator.tell(
        "mishaps",
        &json!([{"path_contains": id, "times": 1000,
                 "do": {"status": 404, "body": {"error": {"code": "ResourceNotFound", "message": "Gone."}}}}]),
    );
    tenant.set(&json!({"lists_hide": [id]}));
    let _ = tenant.registries("bag", &["--all-subscriptions"]).ends(3);
    let bag = tenant.checked("bag");
    let label = tenant.registry(0);
    let said = reasons(&bag.gaps(), &label);
    assert!(
        said.len() == 1
            && said[0].contains("a list shows this registry")
            && !said[0].contains("14 days"),
        "{said:?}"
    );
    let noted = reasons(&bag.notes(), &label);
    assert!(
        noted.len() == 1 && noted[0].starts_with("Azure Resource Graph shows this registry"),
        "{noted:?}"
    );
}
