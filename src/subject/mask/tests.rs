//! The hard cases, one by one.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Mask, Masked, People, Place, Refused};
use crate::kinds::{Kind, find};
use crate::subject::{Form, Identifier};

const ADA: &str = "5c1d0a2e-0000-4000-8000-000000000001";
const JO: &str = "5c1d0a2e-0000-4000-8000-000000000002";
const MARIA_A: &str = "5c1d0a2e-0000-4000-8000-00000000000a";
const MARIA_B: &str = "5c1d0a2e-0000-4000-8000-00000000000b";
const LI: &str = "5c1d0a2e-0000-4000-8000-00000000000c";
const ROBOT: &str = "5c1d0a2e-0000-4000-8000-00000000000d";

fn runs() -> &'static Kind {
    find("runs").expect("row")
}

fn by(fields: &Value) -> Value {
    json!({ "createdBy": fields })
}

fn cast() -> Vec<Value> {
    vec![
        by(&json!({"userObjectId": ADA, "userName": "Ann Quill", "upn": "ann@contoso.com"})),
        by(
            &json!({"userObjectId": JO, "userPuId": "10032000A1B2C3D4", "userAltSecId": "5::10032000A1B2C3D4", "userName": "José Núñez", "upn": "joann@contoso.com"}),
        ),
        by(
            &json!({"userObjectId": MARIA_A, "userName": "Maria Garcia", "upn": "maria.garcia@contoso.com"}),
        ),
        by(&json!({"userObjectId": MARIA_B, "userName": "Maria Garcia", "upn": null})),
        by(&json!({"userObjectId": LI, "userName": "Li", "upn": "li@contoso.com"})),
        by(&json!({"userAltSecId": "1:live.com:0003BFFD1A2B3C4D", "userName": "Sam Rivera"})),
        by(
            &json!({"userObjectId": "5c1d0a2e-0000-4000-8000-00000000000e", "userName": "Mark", "upn": "mark@fabrikam.example"}),
        ),
        by(
            &json!({"userObjectId": "5c1d0a2e-0000-4000-8000-00000000000f", "userName": "Will Power", "upn": "mark@contoso.com"}),
        ),
        by(
            &json!({"userObjectId": ROBOT, "userName": "5c1d0a2e-0000-4000-8000-0000000000ff", "upn": null}),
        ),
        json!({"userId": ROBOT}),
        json!({"userId": "5c1d0a2e-0000-4000-8000-000000000010", "createdBy": null}),
        by(&json!({"userName": "王伟"})),
    ]
}

fn mask() -> Mask {
    let subject = [Identifier::parse("ann@contoso.com").expect("mail")];
    let mut people = People::new(&subject);
    for doc in cast() {
        people.meet(runs(), &doc);
    }
    people.meet_text("cc Zoe <zoe.o-neil@fabrikam.example>, git@github.com:contoso/x.git");
    people.finish()
}

fn who(mask: &Mask, original: &str) -> String {
    let (pseudonym, _, _) = mask
        .key()
        .find(|(_, _, known)| *known == original)
        .unwrap_or_else(|| panic!("{original} is not in the key"));
    pseudonym
}

fn text(mask: &Mask, text: &str) -> String {
    mask.text(text).text
}

fn run(mask: &Mask, doc: &Value) -> (Value, Masked) {
    let masked = mask.json(runs(), &doc.to_string());
    (
        serde_json::from_str(&masked.text).expect("still JSON"),
        masked,
    )
}

#[test]
fn every_spelling_of_one_person_is_one_pseudonym() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    for spelled in [
        "joann@contoso.com",
        "JoAnn@Contoso.COM",
        "joann%40contoso.com",
        "joann%2540contoso.com",
        r"joann\u0040contoso.com",
        r"joann\\u0040contoso.com",
        JO,
        &JO.to_uppercase(),
        "10032000A1B2C3D4",
        "5::10032000a1b2c3d4",
        "5%3A%3A10032000A1B2C3D4",
        "José Núñez",
        "Jose\u{301} Nu\u{301}n\u{303}ez",
        "JOSÉ NÚÑEZ",
        "Jos%C3%A9%20N%C3%BA%C3%B1ez",
        "Jos%C3%A9+N%C3%BA%C3%B1ez",
        r"Jos\u00e9 N\u00fa\u00f1ez",
        "Núñez, José",
    ] {
        assert_eq!(text(&mask, spelled), jo, "{spelled}");
        assert_eq!(
            text(&mask, &format!("by ({spelled})!")),
            format!("by ({jo})!")
        );
    }
}

#[test]
fn the_subject_stays_also_within_anothers_identifier() {
    let mask = mask();
    for own in [
        "ann@contoso.com",
        ADA,
        "Ann Quill",
        "ANN%40contoso.com",
        "Users/ann/x.ipynb",
        "YW5uQGNvbnRvc28uY29t",
    ] {
        assert_eq!(text(&mask, own), own);
    }
    let jo = who(&mask, "joann@contoso.com");
    assert_eq!(
        text(&mask, "ann@contoso.com, joann@contoso.com"),
        format!("ann@contoso.com, {jo}")
    );
    let (doc, _) = run(&mask, &cast()[0]);
    assert_eq!(doc, cast()[0]);
}

#[test]
fn two_people_of_one_name() {
    let mask = mask();
    let (a, b) = (who(&mask, MARIA_A), who(&mask, MARIA_B));
    assert_ne!(a, b);
    for (doc, person) in [(&cast()[2], &a), (&cast()[3], &b)] {
        let (masked, _) = run(&mask, doc);
        assert_eq!(masked["createdBy"]["userName"], json!(person));
        assert_eq!(masked["createdBy"]["userObjectId"], json!(person));
    }
    assert_eq!(text(&mask, "ask Maria Garcia"), "ask name-1");
    let (alone, _) = run(&mask, &by(&json!({"userName": "Maria Garcia"})));
    assert_eq!(alone["createdBy"]["userName"], "name-1");
}

#[test]
fn a_name_that_the_subject_bears_too() {
    let mut people = People::new(&[Identifier::new(Form::ObjectId, MARIA_A).expect("id")]);
    for doc in cast() {
        people.meet(runs(), &doc);
    }
    let mask = people.finish();
    assert_eq!(text(&mask, "ask Maria Garcia"), "ask Maria Garcia");
    let (own, _) = run(&mask, &cast()[2]);
    assert_eq!(own["createdBy"]["userName"], "Maria Garcia");
    let (other, _) = run(&mask, &cast()[3]);
    assert_eq!(other["createdBy"]["userName"], json!(who(&mask, MARIA_B)));
}

#[test]
fn names_that_are_words() {
    let mask = mask();
    let li = who(&mask, "Li");
    let (doc, _) = run(&mask, &cast()[4]);
    assert_eq!(doc["createdBy"]["userName"], json!(li));
    assert_eq!(text(&mask, "Li-ion in li"), "Li-ion in li");
    let (doc, _) = run(&mask, &json!({"tags": {"owner": "Li", "element": "Li"}}));
    assert_eq!(doc, json!({"tags": {"owner": li, "element": "Li"}}));
    let verb = who(&mask, "mark@fabrikam.example");
    assert_eq!(
        text(&mask, "mark this benchmark, Mark"),
        format!("mark this benchmark, {verb}")
    );
    let will = who(&mask, "Will Power");
    assert_eq!(text(&mask, "will power"), will);
    assert_eq!(text(&mask, "power will do"), "power will do");
}

#[test]
fn a_guest_with_nothing_but_an_alternative_id() {
    let mask = mask();
    let sam = who(&mask, "Sam Rivera");
    let (doc, _) = run(&mask, &cast()[5]);
    assert_eq!(
        doc["createdBy"],
        json!({"userAltSecId": sam, "userName": sam})
    );
    assert_eq!(text(&mask, "cid 0003bffd1a2b3c4d"), format!("cid {sam}"));

    let mut people = People::new(&[]);
    people.meet(
        runs(),
        &by(&json!({"upn": "sam_outlook.example#EXT#@contoso.com"})),
    );
    let mask = people.finish();
    assert_eq!(
        text(
            &mask,
            "sam@outlook.example is sam_outlook.example%23EXT%23@contoso.com"
        ),
        "person-1 is person-1"
    );
    assert_eq!(
        mask.path("Users/sam/x"),
        "Users/sam/x".replace("/sam", "/person-1")
    );
}

#[test]
fn service_principals_and_other_guids_stay() {
    let mask = mask();
    let doc = json!({
        "runUuid": "9d1d0a2e-0000-4000-8000-000000000001",
        "userId": ROBOT,
        "createdBy": {"userObjectId": ROBOT, "userName": "5c1d0a2e-0000-4000-8000-0000000000ff", "userTenantId": "72f988bf-0000-4000-8000-000000000000"},
    });
    let (masked, log) = run(&mask, &doc);
    assert_eq!(masked, doc);
    assert!(log.spots.is_empty());
    let lone = "5c1d0a2e-0000-4000-8000-000000000010";
    let (masked, _) = run(&mask, &json!({"userId": lone}));
    assert_eq!(masked["userId"], json!(who(&mask, lone)));
}

#[test]
fn git_remotes_notebooks_and_tag_keys() {
    let mask = mask();
    let (zoe, jo) = (
        who(&mask, "zoe.o-neil@fabrikam.example"),
        who(&mask, "joann@contoso.com"),
    );
    for (before, after) in [
        (
            "git@github.com:contoso/x.git",
            "git@github.com:contoso/x.git".to_owned(),
        ),
        (
            "https://github.com/joann/x.git",
            format!("https://github.com/{jo}/x.git"),
        ),
        (
            "git@github.com:zoe.o-neil/x.git",
            format!("git@github.com:{zoe}/x.git"),
        ),
        (
            "https://who@dev.azure.com/c/x",
            "https://person-unknown/c/x".to_owned(),
        ),
        ("/mnt/Users/joann/data", format!("/mnt/Users/{jo}/data")),
        (r"C:\Users\joann\data", format!(r"C:\Users\{jo}\data")),
        (
            "code%2FUsers%2Fjoann%2Fa.py",
            format!("code%2FUsers%2F{jo}%2Fa.py"),
        ),
        ("Users/mark/a", "Users/alias-1/a".to_owned()),
        ("superusers/joann/a", "superusers/joann/a".to_owned()),
        ("joann went", "joann went".to_owned()),
    ] {
        assert_eq!(text(&mask, before), after, "{before}");
    }
    // A map of serde_json sorts its keys, so the name comes before the mail.
    let (doc, masked) = run(
        &mask,
        &json!({"tags": {"for José Núñez": {"mlflow.user": "joann"}, "for joann@contoso.com": "x"}}),
    );
    assert_eq!(
        doc,
        json!({"tags": {format!("for {jo}"): {"mlflow.user": jo}, format!("for {jo}~2"): "x"}})
    );
    let places: Vec<_> = masked.spots.into_iter().map(|spot| spot.place).collect();
    assert_eq!(
        places,
        [
            Place::Pointer(format!("/tags/for {jo}")),
            Place::Pointer(format!("/tags/for {jo}/mlflow.user")),
            Place::Pointer(format!("/tags/for {jo}~02")),
        ]
    );
}

#[test]
fn base64_is_opened_masked_and_closed() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    for before in ["", "x", "xy", "xyz "] {
        let inner = format!("{before} joann@contoso.com ok");
        let wanted = format!("{before} {jo} ok");
        for engine in [&STANDARD as &dyn Coder, &URL_SAFE_NO_PAD] {
            let out = text(&mask, &format!("Basic {}", engine.code(&inner)));
            assert_eq!(out, format!("Basic {}", engine.code(&wanted)));
        }
        let glued = format!("path/{}", STANDARD.encode(&inner));
        assert_eq!(
            text(&mask, &glued),
            format!("path/{}", STANDARD.encode(&wanted))
        );
        let mut noise = vec![0xff, 0, 1];
        noise.extend_from_slice(before.as_bytes());
        noise.extend_from_slice(inner.as_bytes());
        assert_eq!(text(&mask, &STANDARD.encode(&noise)), jo);
    }
    let twice = STANDARD.encode(STANDARD.encode("joann@contoso.com"));
    assert_eq!(text(&mask, &twice), STANDARD.encode(STANDARD.encode(&jo)));
}

trait Coder {
    fn code(&self, text: &str) -> String;
}

impl<E: Engine> Coder for E {
    fn code(&self, text: &str) -> String {
        self.encode(text)
    }
}

#[test]
fn strings_that_hold_json_stay_json() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    let inner = json!({"a": "line\njoann@contoso.com\tJosé Núñez", "n": 1.50}).to_string();
    let outer = json!({"text": json!({"deep": inner}).to_string()});
    let (masked, _) = run(&mask, &outer);
    let deep: Value = serde_json::from_str(masked["text"].as_str().expect("text")).expect("JSON");
    let deepest: Value =
        serde_json::from_str(deep["deep"].as_str().expect("text")).expect("JSON in JSON");
    assert_eq!(deepest, json!({"a": format!("line\n{jo}\t{jo}"), "n": 1.5}));
}

#[test]
fn all_other_bytes_stay() {
    let mask = mask();
    let raw = "{ \"n\" : 1.000e5 ,\r\n \"z\":[true, \"caf\\u00e9 \\/ joann@contoso.com\"], \"a\":\"\\ud800\" }";
    let jo = who(&mask, "joann@contoso.com");
    assert_eq!(
        mask.json(runs(), raw).text,
        raw.replace("joann@contoso.com", &jo)
    );
}

#[test]
fn strangers_are_masked_as_strangers() {
    let mask = mask();
    assert_eq!(text(&mask, "to who@ever.example."), "to person-unknown.");
    let (doc, _) = run(
        &mask,
        &by(
            &json!({"userObjectId": "5c1d0a2e-0000-4000-8000-0000000000aa", "userName": "New One"}),
        ),
    );
    assert_eq!(doc["createdBy"]["userName"], "person-unknown");
}

#[test]
fn paths_stay_paths() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    for (before, after) in [
        (
            "Users/joann/José Núñez/../x",
            format!("Users/{jo}/{jo}/../x"),
        ),
        ("logs/joann@contoso.com.txt", format!("logs/{jo}.txt")),
        ("a//b", "a//b".to_owned()),
    ] {
        assert_eq!(mask.path(before), after);
    }
    let token = STANDARD
        .encode("joann@contoso.com ???>>>")
        .replace('/', "_");
    let masked = mask.path(&format!("x/{token}"));
    assert_eq!(masked.split('/').count(), 2, "{masked}");
    assert!(!masked.contains(&token));
}

#[test]
fn files_in_utf_16_and_files_that_are_none() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    let bytes = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect()
    };
    let mut stream = mask.stream();
    let mut out = Vec::new();
    for byte in bytes("a 𝄞 joann@contoso.com\r\n") {
        out.extend(stream.feed(&[byte]).expect("text"));
    }
    out.extend(stream.finish().expect("text"));
    assert_eq!(out, bytes(&format!("a 𝄞 {jo}\r\n")));
    assert_eq!(stream.spots().len(), 1);
    let mut stream = mask.stream();
    assert_eq!(stream.feed(b"\x89PNG\0"), Err(Refused::NotUtf8(0)));
    assert_eq!(stream.feed(b"x"), Err(Refused::NotUtf8(0)));
}

#[test]
fn the_key_tells_everyone_and_the_log_nobody() {
    let mask = mask();
    let key: Vec<_> = mask.key().collect();
    for original in [
        "joann@contoso.com",
        JO,
        "José Núñez",
        "Maria Garcia",
        "mark",
    ] {
        assert!(
            key.iter().any(|(_, _, known)| known == &original),
            "{original}"
        );
    }
    assert!(
        !key.iter()
            .any(|(_, _, known)| known.contains("Quill") || *known == ADA)
    );
    let (_, masked) = run(&mask, &cast()[1]);
    assert_eq!(masked.spots.len(), 5);
    let log = serde_json::to_string(&masked.spots).expect("log");
    assert!(
        log.contains("/createdBy/upn") && !log.to_lowercase().contains("joann"),
        "{log}"
    );
}

#[test]
fn what_runs_on_is_somebody_else() {
    let mask = mask();
    for text in [
        "Will Powers",
        "Goodwill Power",
        "x10032000A1B2C3D4",
        "5c1d0a2e-0000-4000-8000-0000000000021",
    ] {
        assert_eq!(mask.text(text).text, text);
    }
}

#[test]
fn base64_with_letters_before_it_is_read_at_every_alignment() {
    let mask = mask();
    let jo = who(&mask, "joann@contoso.com");
    for before in ["", "x", "xy", "xyz"] {
        let glued = format!("{before}{}", STANDARD.encode("\u{1}joann@contoso.com\u{1}"));
        assert_eq!(text(&mask, &glued), jo, "{glued}");
    }
}
