//! The catalogue and the commands, as they are printed.

use crate::context::Room;

/// The families that the export has to cover, in the words of the order.
const FAMILIES: [&str; 14] = [
    "workspace information",
    "compute information",
    "run history data",
    "artifacts",
    "notifications",
    "datastores",
    "models",
    "assets",
    "images",
    "services",
    "datasets",
    "environments",
    "pipelines",
    "metrics",
];

/// Kinds that must each have a row of its own: name by name, and those that people look for in vain when they are missing.
const KINDS: [&str; 73] = [
    "workspaces",
    "computes",
    "compute-nodes",
    "experiments",
    "runs",
    "run-details",
    "metrics",
    "metrics-v2",
    "artifacts",
    "snapshots",
    "notification-tasks",
    "datastores",
    "datasets",
    "dataset-definitions",
    "environments",
    "models",
    "assets",
    "asset-artifacts",
    "images",
    "image-profiles",
    "services",
    "published-pipelines",
    "pipeline-endpoints",
    "pipeline-schedules",
    "pipeline-drafts",
    "pipeline-templates",
    "pipeline-runs",
    "pipeline-graphs",
    "pipeline-modules",
    "pipeline-data-sources",
    "jobs",
    "schedules",
    "data-assets",
    "data-asset-versions",
    "arm-models",
    "arm-model-versions",
    "arm-environments",
    "arm-environment-versions",
    "components",
    "component-versions",
    "codes",
    "code-versions",
    "feature-sets",
    "feature-set-versions",
    "features",
    "feature-store-entities",
    "feature-store-entity-versions",
    "online-endpoints",
    "online-deployments",
    "batch-endpoints",
    "batch-deployments",
    "serverless-endpoints",
    "marketplace-subscriptions",
    "connections",
    "capability-hosts",
    "arm-datastores",
    "outbound-rules",
    "private-endpoint-connections",
    "role-assignments",
    "locks",
    "registries",
    "registry-models",
    "registry-model-versions",
    "registry-data",
    "registry-data-versions",
    "registry-environments",
    "registry-environment-versions",
    "registry-components",
    "registry-component-versions",
    "registry-codes",
    "registry-code-versions",
    "registry-role-assignments",
    "registry-locks",
];

#[test]
fn every_family_is_listed_with_its_source() {
    let rows = Room::new()
        .run(&["kinds", "--format", "json"])
        .ends(0)
        .json();
    let rows = rows.as_array().expect("a list");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    for family in FAMILIES {
        let listed = rows.iter().any(|row| row["family"] == family) || names.contains(&family);
        assert!(listed, "{family} is not listed");
    }
    for kind in KINDS {
        assert!(names.contains(&kind), "{kind} is not listed");
    }
    for row in rows {
        assert!(
            row["source"]
                .as_str()
                .is_some_and(|source| source.len() > 10),
            "{} has no source",
            row["name"]
        );
    }
}

#[test]
fn the_catalogue_for_people() {
    let outcome = Room::new().run(&["kinds"]).ends(0);
    insta::assert_snapshot!(outcome.stdout, @r"
    kind                           family                   found                                    bytes  erased by
    workspaces                     workspace information    named, or listed                                DELETE, takes a while
    computes                       compute information      listed                                          DELETE, takes a while
    compute-nodes                  compute information      listed under computes                           with its parent
    experiments                    run history data         listed                                          DELETE, takes a while
    runs                           run history data         listed under experiments                        DELETE, takes a while
    run-details                    run history data         listed under runs                               with its parent
    metrics                        run history data         listed under experiments                        with its parent
    metrics-v2                     run history data         listed under runs                               DELETE
    artifacts                      artifacts                listed by the data container of runs     yes    DELETE
    snapshots                      run history data         by reference, no list exists                    no API
    notification-tasks             notifications            listed                                          no API
    datastores                     datastores               listed                                          DELETE
    datasets                       datasets                 listed                                          DELETE
    dataset-definitions            datasets                 listed under datasets                           with its parent
    environments                   environments             listed                                          no API
    models                         models                   listed                                          DELETE
    assets                         assets                   listed                                          DELETE
    asset-artifacts                assets                   where assets point                       yes    DELETE
    images                         images                   listed                                          DELETE
    image-profiles                 images                   listed under images                             with its parent
    services                       services                 listed                                          DELETE, takes a while
    published-pipelines            pipelines                listed                                          disable only
    pipeline-endpoints             pipelines                listed                                          disable only
    pipeline-schedules             pipelines                listed                                          disable only
    pipeline-drafts                pipelines                listed                                          DELETE
    pipeline-templates             pipelines                listed                                          disable only
    pipeline-runs                  pipelines                by reference, no list exists                    no API
    pipeline-graphs                pipelines                by reference, no list exists                    no API
    pipeline-modules               pipelines                by reference, no list exists                    no API
    pipeline-data-sources          pipelines                by reference, no list exists                    no API
    jobs                           jobs                     listed                                          DELETE, takes a while
    schedules                      schedules                listed                                          DELETE, takes a while
    data-assets                    data assets              listed                                          DELETE
    data-asset-versions            data assets              listed under data-assets                        DELETE
    arm-models                     registered models        listed                                          DELETE
    arm-model-versions             registered models        listed under arm-models                         DELETE
    arm-environments               registered environments  listed                                          DELETE
    arm-environment-versions       registered environments  listed under arm-environments                   DELETE
    components                     components               listed                                          DELETE
    component-versions             components               listed under components                         DELETE
    codes                          code                     listed                                          DELETE
    code-versions                  code                     listed under codes                              DELETE
    feature-sets                   feature store            listed                                          DELETE, takes a while
    feature-set-versions           feature store            listed under feature-sets                       DELETE, takes a while
    features                       feature store            listed under feature-set-versions               with its parent
    feature-store-entities         feature store            listed                                          DELETE, takes a while
    feature-store-entity-versions  feature store            listed under feature-store-entities             DELETE, takes a while
    online-endpoints               endpoints                listed                                          DELETE, takes a while
    online-deployments             endpoints                listed under online-endpoints                   DELETE, takes a while
    batch-endpoints                endpoints                listed                                          DELETE, takes a while
    batch-deployments              endpoints                listed under batch-endpoints                    DELETE, takes a while
    serverless-endpoints           endpoints                listed                                          DELETE, takes a while
    marketplace-subscriptions      endpoints                listed                                          DELETE, takes a while
    connections                    connections              listed                                          DELETE
    capability-hosts               connections              by name, no list exists                         DELETE, takes a while
    arm-datastores                 datastores               listed                                          DELETE
    outbound-rules                 network                  listed                                          DELETE, takes a while
    private-endpoint-connections   network                  listed                                          DELETE
    role-assignments               access                   listed                                          not here
    locks                          access                   listed                                          not here
    registries                     registries               named, or listed                                DELETE, takes a while
    registry-models                registries               listed in a registry                            DELETE, takes a while
    registry-model-versions        registries               listed under registry-models                    DELETE, takes a while
    registry-data                  registries               listed in a registry                            DELETE, takes a while
    registry-data-versions         registries               listed under registry-data                      DELETE, takes a while
    registry-environments          registries               listed in a registry                            DELETE, takes a while
    registry-environment-versions  registries               listed under registry-environments              DELETE, takes a while
    registry-components            registries               listed in a registry                            DELETE, takes a while
    registry-component-versions    registries               listed under registry-components                DELETE, takes a while
    registry-codes                 registries               listed in a registry                            DELETE, takes a while
    registry-code-versions         registries               listed under registry-codes                     DELETE, takes a while
    registry-role-assignments      access                   listed in a registry                            not here
    registry-locks                 access                   listed in a registry                            not here

    `aml-dsr kinds KIND` shows a row with its requests, people, secrets and source; --format json shows all of it.
    ");
}

#[test]
fn one_row_says_where_it_is_asked_for_and_what_is_blanked() {
    let outcome = Room::new().run(&["kinds", "datastores"]).ends(0);
    insta::assert_snapshot!(outcome.stdout, @r"
    kind           datastores
    family         datastores
    service        datastore
    found          listed
    request        GET /datastore/v1.0<workspace>/datastores?includeSecret=false&count=100
    person         name (FreeText)
    person         tags (FreeText)
    person         **/userId (FreeText)
    person         **/clientId (FreeText)
    blanked        **/credential (Blank)
    blanked        **/accountKey (Blank)
    blanked        **/sasToken (Blank)
    blanked        **/clientSecret (Blank)
    blanked        **/certificate (Blank)
    blanked        **/thumbprint (Blank)
    blanked        **/userPassword (Blank)
    erased by      DELETE: DELETE .../datastores/{name}: unregisters, the data stays
    call           DELETE /datastore/v1.0<workspace>/datastores/{id}
    seen by        GET /datastore/v1.0<workspace>/datastores?dataStoreNames={id}&includeSecret=false
    stays          the data in the storage that it points at
    source         Datastore 2019-09-30, List
    ");
}

#[test]
fn one_row_says_by_which_calls_it_is_erased() {
    let outcome = Room::new().run(&["kinds", "runs"]).ends(0);
    let from = outcome.stdout.find("erased by").expect("it says so");
    insta::assert_snapshot!(&outcome.stdout[from..], @r"
    erased by      DELETE, takes a while: ARM DELETE <workspace>/jobs/{runId}; run history itself has no delete for a run
    before         POST <workspace>/jobs/{id}/cancel, when it is active
    call           DELETE <workspace>/jobs/{id}
    seen by        GET /history/v1.0<workspace>/runs/{id}
    stays          its files in the storage account, in three places
    source         RunHistory v1.0, runs:query; azureml-core 1.0.65 for the older GET
    ");
    let json = Room::new()
        .run(&["kinds", "online-deployments", "--format", "json"])
        .ends(0)
        .json();
    assert_eq!(
        json["remove"][0]["path"],
        "/onlineEndpoints/{parent}/deployments/{.name}"
    );
    assert_eq!(
        json["remove"][0]["first"][0]["unroute"]["path"],
        "/onlineEndpoints/{parent}"
    );
}

#[test]
fn help_names_every_command() {
    let room = Room::new();
    let help = room.run(&["--help"]).ends(0).stdout;
    let manual = room.run(&["man"]).ends(0).stdout;
    for command in [
        "export",
        "verify",
        "kinds",
        "emulator",
        "completions",
        "man",
    ] {
        assert!(
            help.lines()
                .any(|line| line.trim_start().starts_with(&format!("{command} "))),
            "{command} in:\n{help}"
        );
        assert!(manual.contains(command), "{command} is not in the manual");
        let own = room.run(&[command, "--help"]).ends(0).stdout;
        assert!(own.contains("Usage: aml-dsr"), "{own}");
    }
    for (_, code, _) in aml_dsr::cli::ending::TABLE {
        assert!(
            help.contains(&format!("{code} ")),
            "the exit code {code} is not in the help"
        );
    }
}

#[test]
fn completions_are_scripts() {
    let room = Room::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = room.run(&["completions", shell]).ends(0).stdout;
        assert!(script.contains("all-workspaces"), "{shell}");
    }
}
