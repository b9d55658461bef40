//! Where in a document a find stands, and how strongly it counts.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{Form, Match, Place, Strength, Written};
use super::{ADA, matcher};
use crate::kinds::{self, Who};
use crate::walk::people::mentions;

fn runs(texts: &[&str], doc: &Value) -> Vec<Match> {
    in_kind("runs", texts, doc)
}

fn in_kind(kind: &str, texts: &[&str], doc: &Value) -> Vec<Match> {
    let kind = kinds::find(kind).expect("a row");
    matcher(texts).document(kind, &doc.to_string())
}

/// Pointer, form and strength of each.
fn short(found: &[Match]) -> Vec<String> {
    let mut lines: Vec<String> = found
        .iter()
        .map(|m| {
            let mark = if m.contradicted { " contradicted" } else { "" };
            format!("{} {} {:?}{mark}", m.pointer, m.form, m.strength)
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn an_identifier_in_an_identity_field_is_exact_and_a_name_never_is() {
    let doc = json!({
        "createdBy": {"userObjectId": ADA[0].to_uppercase(), "userName": "ADA Lindqvist", "upn": null},
        "lastModifiedBy": {"UserName": "Bo Quill", "upn": " Ada.Lindqvist@contoso.com "},
        "userId": ADA[0],
        "displayName": "for Ada Lindqvist",
        "tags": {"owner": ADA[1], "Ada Lindqvist": "yes"},
    });
    let found = runs(&ADA, &doc);
    assert_eq!(
        short(&found),
        [
            "/createdBy/userName name Candidate",
            "/createdBy/userObjectId object-id Exact",
            "/displayName name Candidate",
            "/lastModifiedBy/upn mail Exact",
            "/tags/Ada Lindqvist name Candidate",
            "/tags/owner mail Candidate",
            "/userId object-id Exact",
        ]
    );
    let place = |pointer: &str| {
        let one = found.iter().find(|m| m.pointer == pointer);
        one.expect("a find").place
    };
    assert_eq!(
        place("/createdBy/userName"),
        Place::Identity { role: "createdBy" }
    );
    assert_eq!(place("/userId"), Place::Identity { role: "userId" });
    assert_eq!(place("/tags/owner"), Place::Text);
    assert_eq!(place("/tags/Ada Lindqvist"), Place::Key);
}

#[test]
fn a_namesake_is_told_apart_by_what_stands_beside_the_name() {
    let other = "5c1d0a2e-0000-4000-8000-00000000ffff";
    let doc = json!({
        "createdBy": {"userObjectId": other, "userName": "Ada Lindqvist"},
        "lastModifiedBy": {"userName": "Ada Lindqvist", "userPuId": "10032000A1B2C3D4"},
    });
    assert_eq!(
        short(&runs(&ADA, &doc)),
        [
            "/createdBy/userName name Candidate contradicted",
            // No PUID of hers is known, so this one says nothing.
            "/lastModifiedBy/userName name Candidate",
        ]
    );
    // With the name alone nobody can be told apart.
    assert!(
        runs(&["Ada Lindqvist"], &doc)
            .iter()
            .all(|m| !m.contradicted)
    );
    // An address that has gone to somebody else.
    let doc = json!({"createdBy": {"userObjectId": other, "upn": ADA[1]}});
    assert_eq!(
        short(&runs(&ADA, &doc)),
        ["/createdBy/upn mail Exact contradicted"]
    );
    let compute = json!({"properties": {"properties": {"createdBy": {"userName": "Ada Lindqvist", "userId": other}}},
        "systemData": {"createdBy": "Ada Lindqvist", "lastModifiedBy": other}});
    assert_eq!(
        short(&in_kind("computes", &ADA, &compute)),
        [
            "/properties/properties/createdBy/userName name Candidate contradicted",
            "/systemData/createdBy name Candidate",
        ]
    );
}

#[test]
fn a_guest_is_found_by_the_alternative_security_id_alone() {
    let guest = "1:live.com:0003BFFD1A2B3C4D";
    let doc = json!({"createdBy": {"userAltSecId": guest.to_lowercase(), "userName": "Sam"}});
    assert_eq!(
        short(&runs(&[guest, "Sam"], &doc)),
        [
            "/createdBy/userAltSecId alt-sec-id Exact",
            "/createdBy/userName name Candidate"
        ]
    );
    let doc =
        json!({"createdBy": {"userAltSecId": "1:live.com:00030000AAAABBBB", "userName": "Sam"}});
    assert_eq!(
        short(&runs(&[guest, "Sam"], &doc)),
        ["/createdBy/userName name Candidate contradicted"]
    );
    let doc = json!({"createdBy": {"userAltSecId": "5::10032000A1B2C3D4"}});
    assert_eq!(
        short(&runs(&["10032000a1b2c3d4"], &doc)),
        ["/createdBy/userAltSecId alt-sec-id Exact"]
    );
}

#[test]
fn an_identity_field_with_more_than_the_identifier_is_a_candidate() {
    for value in [
        "Ada <ada.lindqvist@contoso.com>",
        "ada.lindqvist%40contoso.com",
    ] {
        let found = runs(&ADA[1..2], &json!({"createdBy": {"upn": value}}));
        assert_eq!(short(&found), ["/createdBy/upn mail Candidate"], "{value}");
    }
    for value in [
        "{5C1D0A2E-0000-4000-8000-000000000001}",
        "5c1d0a2e000040008000000000000001",
    ] {
        let found = runs(&ADA, &json!({ "userId": value }));
        assert_eq!(short(&found), ["/userId object-id Exact"], "{value}");
    }
}

#[test]
fn every_corner_of_a_document_is_looked_at() {
    let doc = json!({
        "properties": {"azureml.git.repository_uri": "https://ada.lindqvist%40contoso.com@git.contoso.com/x.git"},
        "tags": {"a/b~c": ["x", {"ada.lindqvist@contoso.com": 1}]},
        "services": {"s": r#"{"mail":"\u0061da.lindqvist@contoso.com"}"#},
    });
    let found = runs(&ADA, &doc);
    assert_eq!(
        short(&found),
        [
            "/properties/azureml.git.repository_uri mail Candidate",
            "/services/s mail Candidate",
            "/tags/a~1b~0c/1/ada.lindqvist@contoso.com mail Candidate",
        ]
    );
    let written = |pointer: &str| {
        let one = found.iter().find(|m| m.pointer.starts_with(pointer));
        one.expect("a find").written
    };
    assert_eq!(written("/properties"), Written::Url);
    assert_eq!(written("/services"), Written::JsonEscaped);
    let kind = kinds::find("runs").expect("a row");
    // Both of two keys of one name, a number, escapes of the document itself, and what is no JSON.
    let puid = matcher(&["1003200012345678"]);
    assert_eq!(
        puid.document(kind, r#"{"a":1003200012345678,"a":"b"}"#)[0].form,
        Form::Puid
    );
    let ada = matcher(&ADA);
    let raw = r#"{"userId":"5c1d0a2e\u002d0000-4000-8000-000000000001","x":"\u0041da Lindqvist"}"#;
    let found = ada.document(kind, raw);
    assert_eq!(
        short(&found),
        ["/userId object-id Exact", "/x name Candidate"]
    );
    assert!(found.iter().all(|m| m.written == Written::Plain));
    let deep = format!("{}\"Ada Lindqvist\"{}", "[".repeat(500), "]".repeat(500));
    for text in ["{\"a\": Ada Lindqvist", "{} Ada Lindqvist", &deep] {
        assert_eq!(short(&ada.document(kind, text)), [" name Candidate"]);
    }
    assert!(ada.document(kind, r#"{"a":"Nevada Lindqvist"}"#).is_empty());
}

#[test]
fn roles_are_the_identity_fields_that_the_walk_names() {
    let value = "ada.lindqvist@contoso.com";
    let members = [
        "userObjectId",
        "userPuId",
        "userAltSecId",
        "userName",
        "upn",
    ];
    let user: Value = members
        .iter()
        .map(|m| ((*m).to_owned(), json!(value)))
        .collect();
    for kind in kinds::all() {
        for person in kind.person.iter().filter(|p| !p.path.contains("**")) {
            let leaf = if person.who == Who::User {
                user.clone()
            } else {
                json!(value)
            };
            let doc = person.path.rsplit('/').fold(leaf, |doc, step| {
                if step == "*" {
                    json!([doc])
                } else {
                    json!({ step: doc })
                }
            });
            let wanted: BTreeSet<String> = mentions(kind, &doc)
                .iter()
                .map(|m| format!("/{}", m.field.replace('*', "0")).to_lowercase())
                .collect();
            let identity: Vec<Match> = in_kind(kind.name, &[value], &doc)
                .into_iter()
                .filter(|m| matches!(m.place, Place::Identity { .. }))
                .collect();
            let found = identity.iter().map(|m| m.pointer.to_lowercase());
            assert_eq!(
                found.collect::<BTreeSet<_>>(),
                wanted,
                "{} {}",
                kind.name,
                person.path
            );
            assert!(
                identity.iter().all(|m| m.strength == Strength::Exact) || person.who == Who::Name,
                "{} {}",
                kind.name,
                person.path
            );
        }
    }
}
