//! A world of a few invented examples.

use super::published::{Body, Example};
use super::settle::{PROVIDER, settle};
use crate::emulator::mint::Mint;
use crate::emulator::world::{Kind, Origins};

fn example(path: &str, names: &[(&str, &str)], body: Body) -> Example {
    let names = names
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Example {
        path: format!("{PROVIDER}workspaces/{{workspaceName}}{path}"),
        names: names.collect(),
        body,
    }
}

fn one(text: &str) -> Body {
    Body::One(text.to_owned())
}

#[test]
fn names_that_stand_twice_make_workspaces_and_versions_find_their_parent() {
    let scope = [("subscriptionId", "S"), ("resourceGroupName", "g")];
    let version = r#"{"name":"9","a":1.50}"#;
    let examples = [
        example(
            "",
            &scope,
            one(
                r#"{"id":"i","name":"w","location":"r","properties":{"discoveryUrl":"http://x","n":2.0}}"#,
            ),
        ),
        example(
            "/models",
            &[],
            Body::Many(vec![r#"{"name":"m"}"#.to_owned()]),
        ),
        example(
            "/models/{name}/versions/{version}",
            &[("name", "Other"), ("version", "9")],
            one(version),
        ),
        example("/jobs/{id}", &[("id", "j")], one(r#"{"name":"j","a":1}"#)),
        example("/jobs/{id}", &[("id", "j")], one(r#"{"name":"j","a":2}"#)),
        example("/jobs/{id}", &[("id", "j")], one(r#"{"a":2,"name":"j"}"#)),
    ];
    let origins = Origins {
        arm: "http://h".to_owned(),
        blob: String::new(),
    };
    let world = settle(&examples, Mint::new(1), String::new(), &origins).expect("a world");
    let names: Vec<&str> = world
        .workspaces
        .iter()
        .map(|workspace| workspace.name.as_str())
        .collect();
    assert_eq!(names, ["w", "w-2"]);
    let of = |told: &str| {
        let mut kinds = (0..).map_while(Kind::told);
        kinds.find(|(_, name)| *name == told).expect("a kind").0
    };
    for (at, workspace) in world.workspaces.iter().enumerate() {
        let job = workspace.table(of("jobs")).get("j").expect("a job");
        assert_eq!(job.doc["a"], at + 1);
        let found = workspace
            .table(of("arm-model-versions"))
            .get("m/9")
            .expect("a version");
        assert_eq!(found.text, version, "digits stay");
        assert_eq!(
            workspace.published.stands["models/other/versions/9"],
            ["models", "m", "versions", "9"]
        );
        let url = format!("http://h/discovery/workspaces/{}", workspace.guid);
        let doc = format!(
            r#"{{"id":"i","name":"w","location":"r","properties":{{"discoveryUrl":"{url}","n":2.0}}}}"#
        );
        assert_eq!(workspace.doc.text, doc, "and nothing else is changed");
    }
}
