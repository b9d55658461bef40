use std::fs;

use clap::Parser as _;

use super::*;

const S1: &str = "11111111-1111-1111-1111-111111111111";
const S2: &str = "22222222-2222-2222-2222-222222222222";
const S3: &str = "33333333-3333-3333-3333-333333333333";

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    scope: ScopeArgs,
}

/// A home with az's files, and a directory to work in that lies below a workspace file.
struct House {
    dir: tempfile::TempDir,
    vars: Vec<(&'static str, &'static str)>,
}

fn house() -> House {
    let dir = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(dir.path().join("home/.azure")).expect("home");
    fs::create_dir_all(dir.path().join("project/deep/er")).expect("project");
    House {
        dir,
        vars: Vec::new(),
    }
}

impl House {
    fn with(self, path: &str, text: &str) -> Self {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(path, text).expect("a file");
        self
    }

    fn az(self) -> Self {
        let profile = format!(
            "\u{feff}{{\"subscriptions\":[{{\"id\":\"{S3}\",\"isDefault\":true,\"environmentName\":\"AzureCloud\"}}]}}"
        );
        self.with(
            "home/.azure/config",
            "[defaults]\ngroup = az-rg\nworkspace = az-ws\n",
        )
        .with("home/.azure/azureProfile.json", &profile)
    }

    fn file(self) -> Self {
        let text = format!(
            "\u{feff}{{\"subscription_id\":\"{S2}\",\"resource_group\":\"file-rg\",\"workspace_name\":\"file-ws\"}}"
        );
        self.with("project/.azureml/config.json", &text)
    }

    fn var(mut self, name: &'static str, value: &'static str) -> Self {
        self.vars.push((name, value));
        self
    }

    fn resolve(&self, line: &str) -> Result<(Scope, Vec<String>), ScopeError> {
        let args = Cli::try_parse_from(std::iter::once("x").chain(line.split_whitespace()))
            .expect("clap takes it")
            .scope;
        let env = |name: &str| {
            self.vars
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let found = resolve(
            &args,
            &env,
            &self.dir.path().join("project/deep/er"),
            Some(&self.dir.path().join("home")),
        );
        found.map_err(|error| error.downcast::<ScopeError>().expect("a usage error"))
    }

    fn scope(&self, line: &str) -> Scope {
        self.resolve(line).expect(line).0
    }
}

fn workspace(subscription: &str, resource_group: &str, name: &str) -> Scope {
    Scope::Workspace {
        subscription: subscription.to_owned(),
        resource_group: resource_group.to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn the_nearest_source_wins_for_each_value() {
    let flags = format!("--subscription {S1} -g rg -w ws");
    assert_eq!(house().scope(&flags), workspace(S1, "rg", "ws"));
    assert_eq!(
        house().scope(&format!(
            "--subscription {S1} --resource-group rg --workspace-name ws"
        )),
        workspace(S1, "rg", "ws")
    );
    let full = house()
        .az()
        .file()
        .var("AZURE_RESOURCE_GROUP", "env-rg")
        .var("AZURE_DEFAULTS_WORKSPACE", "env-ws");
    assert_eq!(full.scope(&flags), workspace(S1, "rg", "ws"));
    assert_eq!(full.scope("-w ws"), workspace(S2, "env-rg", "ws"));
    assert_eq!(full.scope(""), workspace(S2, "env-rg", "env-ws"));
    assert_eq!(
        house().az().file().scope(""),
        workspace(S2, "file-rg", "file-ws")
    );
    assert_eq!(
        house().az().file().scope("-g rg"),
        workspace(S2, "rg", "file-ws")
    );
    assert_eq!(house().az().scope(""), workspace(S3, "az-rg", "az-ws"));
    let job = house()
        .var("AZUREML_ARM_SUBSCRIPTION", S1)
        .var("AZUREML_ARM_RESOURCEGROUP", "rg")
        .var("AZUREML_ARM_WORKSPACE_NAME", "ws");
    assert_eq!(job.scope(""), workspace(S1, "rg", "ws"));
    let order = house()
        .az()
        .var("AZURE_SUBSCRIPTION_ID", S1)
        .var("AZUREML_ARM_SUBSCRIPTION", S2)
        .var("AZURE_RESOURCE_GROUP", "  ");
    assert_eq!(order.scope(""), workspace(S1, "az-rg", "az-ws"));
}

#[test]
fn each_value_says_where_it_came_from() {
    let (_, notes) = house()
        .az()
        .file()
        .var("AZURE_RESOURCE_GROUP", "env-rg")
        .resolve("-w ws")
        .expect("a scope");
    assert_eq!(notes.len(), 3);
    assert!(
        notes[0].contains(S2) && notes[0].contains("config.json"),
        "{notes:?}"
    );
    assert!(
        notes[1].contains("env-rg") && notes[1].contains("AZURE_RESOURCE_GROUP"),
        "{notes:?}"
    );
    assert!(
        notes[2].contains("ws") && notes[2].contains("--workspace-name"),
        "{notes:?}"
    );
    let (_, notes) = house().az().resolve("").expect("a scope");
    assert!(
        notes[0].contains("azureProfile.json") && notes[1].contains("az config"),
        "{notes:?}"
    );
}

#[test]
fn the_directory_of_az_can_be_moved() {
    let house = house().az();
    let moved = house.dir.path().join("moved");
    fs::create_dir(&moved).expect("a directory");
    fs::write(moved.join("config"), "[defaults]\ngroup = moved-rg\n").expect("a file");
    let path: &'static str = Box::leak(moved.display().to_string().into_boxed_str());
    let house = house
        .var("AZURE_CONFIG_DIR", path)
        .var("AZURE_SUBSCRIPTION_ID", S1);
    assert_eq!(house.scope("-w ws"), workspace(S1, "moved-rg", "ws"));
}

#[test]
fn all_workspaces_means_all() {
    let full = house().az().file().var("AZURE_RESOURCE_GROUP", "env-rg");
    assert_eq!(
        full.scope("--all-workspaces"),
        Scope::Subscription {
            subscription: S2.to_owned()
        }
    );
    assert_eq!(
        full.scope(&format!("--all-workspaces --subscription {S1}")),
        Scope::Subscription {
            subscription: S1.to_owned()
        }
    );
    let group = Scope::Group {
        subscription: S2.to_owned(),
        resource_group: "rg".to_owned(),
    };
    assert_eq!(full.scope("--all-workspaces -g rg"), group);
}

#[test]
fn a_whole_id_stands_alone() {
    let id = format!(
        "/subscriptions/{S1}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    );
    let full = house().az().file();
    assert_eq!(
        full.scope(&format!("--workspace-id {id}")),
        workspace(S1, "rg", "ws")
    );
    for other in [
        format!("--subscription {S1}"),
        "-g rg".to_owned(),
        "-w ws".to_owned(),
        "--all-workspaces".to_owned(),
    ] {
        let error = full
            .resolve(&format!("--workspace-id {id} {other}"))
            .expect_err(&other);
        assert!(matches!(error, ScopeError::Conflict { .. }), "{error}");
    }
    assert!(matches!(
        full.resolve("--all-workspaces -w ws"),
        Err(ScopeError::Conflict { .. })
    ));
}

#[test]
fn what_is_missing_is_named_with_its_alternatives() {
    let table = [
        (
            "",
            [
                "--workspace-name",
                "--all-workspaces",
                "AZUREML_ARM_WORKSPACE_NAME",
            ],
        ),
        (
            "-w ws",
            ["--resource-group", "AZURE_RESOURCE_GROUP", "defaults.group"],
        ),
        (
            "-w ws -g rg",
            ["--subscription", "AZURE_SUBSCRIPTION_ID", "az account set"],
        ),
        (
            "--all-workspaces",
            ["--subscription", "AZURE_SUBSCRIPTION_ID", "az account set"],
        ),
    ];
    for (line, expected) in table {
        let text = house().resolve(line).expect_err(line).to_string();
        assert!(expected.iter().all(|part| text.contains(part)), "{text}");
        assert_eq!(text.matches(". ").count(), 0, "one sentence: {text}");
    }
}

#[test]
fn odd_values_are_refused_wherever_they_come_from() {
    let flags = format!("--subscription {S1} -g ../x -w ws");
    let error = house().resolve(&flags).expect_err("a path").to_string();
    assert!(
        error.contains("../x") && error.contains("--resource-group"),
        "{error}"
    );
    let error = house()
        .az()
        .var("AZURE_SUBSCRIPTION_ID", "Pay-As-You-Go")
        .resolve("")
        .expect_err("a name")
        .to_string();
    assert!(
        error.contains("AZURE_SUBSCRIPTION_ID") && error.contains("az account list"),
        "{error}"
    );
    let file = r#"{"subscription_id":"11111111-1111-1111-1111-111111111111","resource_group":"rg","workspace_name":"ws?x=\u001b[2J"}"#;
    let error = house()
        .with("project/config.json", file)
        .resolve("")
        .expect_err("a query")
        .to_string();
    assert!(
        error.contains("config.json") && !error.contains('\u{1b}'),
        "{error}"
    );
}

#[test]
fn a_config_file_of_another_program_is_passed_by() {
    for other in ["{\"editor\":1}", "[]", "not json", "\u{0}\u{1}"] {
        let house = house().file().with("project/deep/config.json", other);
        assert_eq!(
            house.scope(""),
            workspace(S2, "file-rg", "file-ws"),
            "{other}"
        );
    }
    for (path, text) in [
        ("project/deep/.azureml/config.json", "not json"),
        ("project/deep/config.json", "{\"workspace_name\":5}"),
        (
            "project/deep/config.json",
            "{\"subscription_id\": \"x\", \"resource_group\": \"y\", \"workspace_name\": oops}",
        ),
    ] {
        let error = house()
            .file()
            .with(path, text)
            .resolve("")
            .expect_err(text)
            .to_string();
        assert!(
            error.contains("cannot be used") && error.contains("-w"),
            "{error}"
        );
    }
    // One with a part of the values gives that part, and the rest comes from farther away.
    let part = house().az().with(
        "project/aml_config/config.json",
        "{\"workspace_name\":\"part-ws\"}",
    );
    assert_eq!(part.scope(""), workspace(S3, "az-rg", "part-ws"));
}

#[test]
fn a_registry_is_named_in_place_of_a_workspace() {
    let house = house()
        .az()
        .file()
        .var("AZUREML_ARM_WORKSPACE_NAME", "env-ws");
    let registry = |subscription: &str, resource_group: &str| Scope::Registry {
        subscription: subscription.to_owned(),
        resource_group: resource_group.to_owned(),
        name: "shared".to_owned(),
    };
    let line = format!("--subscription {S1} -g rg --registry shared");
    assert_eq!(house.scope(&line), registry(S1, "rg"));
    assert_eq!(house.scope("--registry shared"), registry(S2, "file-rg"));
    let (scope, notes) = house.resolve(&line).expect("a scope");
    assert_eq!(
        scope.to_string(),
        format!("registry shared in resource group rg of subscription {S1}")
    );
    assert_eq!(notes.last().expect("notes"), "registry shared: --registry");
    for other in ["-w ws", "--all-workspaces"] {
        let error = house
            .resolve(&format!("{line} {other}"))
            .expect_err("a conflict");
        assert!(
            error.to_string().contains("--registry and --"),
            "{other}: {error}"
        );
    }
    for bad in ["ab", "a/b", "..", "-ab"] {
        let line = format!("--subscription {S1} -g rg --registry={bad}");
        let error = house.resolve(&line).expect_err(bad).to_string();
        assert!(error.contains("the name of a registry"), "{error}");
    }
}
