//! What lies around a workspace or registry and is not in the bag: `elsewhere.jsonl`, and its place on the page.

use serde_json::Value;

use crate::bag::Bag;
use crate::context::Room;
use crate::emulated::{EmulatorProcess, MAIN, REGISTRY};

/// Every place that is named for a label, as `what: where`.
fn named(bag: &Bag, label: &str) -> Vec<String> {
    let lines = bag.lines("elsewhere.jsonl");
    let of_label = lines.iter().filter(|line| line["workspace"] == label);
    of_label
        .map(|line| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let place = text(&line["where"]);
            let last = place.rsplit("/providers/").next().unwrap_or_default();
            format!("{}: {last}", text(&line["what"]))
        })
        .collect()
}

#[test]
fn what_no_export_reaches_is_named_with_its_address() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let _ = emulator
        .run(&room, MAIN, "bag", &["--quiet", "--no-content"])
        .ends(0);
    let bag = Bag::at(room.path("bag"));
    let of_main = named(&bag, MAIN);
    insta::assert_snapshot!(of_main.join("\n"), @r"
    storage-account: microsoft.storage/storageAccounts/stcontosoml
    other-storage: contosolake
    other-storage: contosolake1
    other-storage: contosoml7731
    other-storage: contosoteam
    other-storage: fabrikamraw
    key-vault: Microsoft.KeyVault/vaults/kvcontosoml
    container-registry: Microsoft.ContainerRegistry/registries/crcontosoml
    application-insights: Microsoft.insights/components/aicontosoml
    log-analytics: -
    registries: -
    soft-delete-layers: -
    telemetry: -
    ");
    // A person sees the addresses on the page, and the general places above them.
    let page = bag.text("data/report.html");
    let (_, beyond) = page.split_once("<h2 id=\"beyond\">").expect("the section");
    let (beyond, _) = beyond.split_once("</section>").expect("its end");
    assert!(beyond.contains("vaults/kvcontosoml"), "{beyond}");
}

#[test]
fn a_registry_names_what_azure_keeps_for_it() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let mut args = vec!["export".to_owned()];
    args.extend(emulator.registry(REGISTRY));
    args.extend(["-o", "bag"].map(str::to_owned));
    let _ = room.run(&args).ends(0);
    let bag = Bag::at(room.path("bag"));
    let label = format!("registry {REGISTRY}");
    insta::assert_snapshot!(named(&bag, &label).join("\n"), @r"
    container-registry: Microsoft.ContainerRegistry/registries/crshared0001
    storage-account: Microsoft.Storage/storageAccounts/stshared0001
    managed-resources: /subscriptions/92265eb0-f057-42a6-b72d-9973bac054b7/resourceGroups/azureml-rg-contoso-shared_2e56ff30
    soft-delete-layers: -
    telemetry: -
    ");
}

/// A bag of one person has no document of the workspace: then the sorts of places are there, and no address.
#[test]
fn the_bag_of_a_person_names_sorts_of_places_and_no_address() {
    let (emulator, room) = (EmulatorProcess::start(&[]), Room::new());
    let of = ["--quiet", "--subject", "upn:nobody@contoso.com"];
    let _ = emulator.run(&room, MAIN, "bag", &of).ends(0);
    let bag = Bag::at(room.path("bag"));
    let of_main = named(&bag, MAIN);
    assert!(of_main.len() > 5, "{of_main:?}");
    assert!(
        of_main.iter().all(|line| line.ends_with(": -")),
        "{of_main:?}"
    );
}
