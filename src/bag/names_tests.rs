use super::*;
use proptest::prelude::*;

#[test]
fn examples() {
    let names = [
        (Role::Dir, "workspace", "workspace"),
        (Role::Dir, "v1.2", "v1.2~d"),
        (Role::Dir, "", "~d"),
        (Role::Dir, "..", "=2e=2e"),
        (Role::Dir, ".", "=2e"),
        (Role::Dir, "C:", "C=3a~u8"),
        (Role::Dir, "aux", "=61ux"),
        (Role::File, "AUX.txt", "=41UX.txt~uc"),
        (Role::File, "COM7.log", "=43OM7.log~uc"),
        (Role::File, "LPT\u{b9}", "LPT=c2=b9~fue"),
        (Role::File, "README.md", "README.md~ufc"),
        (Role::File, "model", "model~f"),
        (Role::File, "Model", "Model~fu8"),
        (Role::File, ".amlignore", "=2eamlignore~f"),
        (Role::File, "trailing.", "trailing=2e~f"),
        (Role::File, "a b%20c\\d=e~f", "a=20b=2520c=5cd=3de=7ef~f"),
        (Role::File, "é.txt", "=c3=a9.txt"),
    ];
    for (role, name, wanted) in names {
        assert_eq!(segment(role, name), wanted);
        assert_eq!(original(wanted).as_deref(), Some(name));
        assert_eq!(
            original(&wanted.to_ascii_lowercase()).as_deref(),
            Some(name),
            "after case folding"
        );
    }
}

#[test]
fn paths_never_lead_outside() {
    assert_eq!(
        file_path("f", "../../etc/passwd"),
        "f/=2e=2e/=2e=2e/etc/passwd~f"
    );
    assert_eq!(file_path("f", "/abs//x.txt/"), "f/~d/abs/~d/x.txt~d/~f");
    assert_eq!(file_path("f", ""), "f/~f");
    assert_eq!(file_path("", "logs/user.log"), "logs/user.log");
}

#[test]
fn long_names_are_cut_and_long_paths_moved() {
    let name = "é".repeat(300);
    let file = segment(Role::File, &name);
    assert!(file.len() <= 100 && file.contains("~l"), "{file}");
    assert_ne!(file, segment(Role::Dir, &name));
    assert_eq!(original(&file), None);
    let deep = format!("{}model.ONNX", "folder/".repeat(60));
    let path = file_path("f", &deep);
    assert!(
        path.starts_with("f/long/") && path.ends_with("~l.onnx"),
        "{path}"
    );
    assert!(path.split('/').all(is_safe));
}

/// Names as people and attackers write them: dots, case, devices, separators, other scripts.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-bA-B.~=]{0,6}",
        "(con|CON|aux|nul|com1|lpt9)(\\.[a-z]{0,3})?",
        "[ -~]{0,20}",
        "\\PC{0,30}",
        "[aAéÉe\u{301}\r\n\t /\\\\%:]{0,8}",
        "[A-Za-z]{90,130}",
    ]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::File), Just(Role::Dir)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn safe_and_reversible(name in name(), role in role()) {
        let segment = segment(role, &name);
        prop_assert!(is_safe(&segment), "{segment}");
        prop_assert!(segment.len() <= 100);
        prop_assert!(segment != "." && segment != ".." && !segment.contains(['/', '\\', '%', ':']));
        match original(&segment) {
            Some(back) => prop_assert_eq!(back, name),
            None => prop_assert!(segment.contains("~l") || segment.contains("~dl")),
        }
    }

    #[test]
    fn never_the_same(a in name(), b in name(), ra in role(), rb in role()) {
        if (&a, ra) != (&b, rb) {
            prop_assert_ne!(segment(ra, &a).to_ascii_lowercase(), segment(rb, &b).to_ascii_lowercase());
        }
    }

    #[test]
    fn paths_are_safe_and_apart(a in prop::collection::vec(name(), 1..5), b in prop::collection::vec(name(), 1..5)) {
        let (a, b) = (a.join("/"), b.join("/"));
        let (pa, pb) = (file_path("w/x", &a), file_path("w/x", &b));
        for path in [&pa, &pb] {
            prop_assert!(path.starts_with("w/x/") && path.split('/').all(is_safe), "{path}");
            prop_assert!(path.len() <= 200);
        }
        if a != b {
            prop_assert_ne!(pa.to_ascii_lowercase(), pb.to_ascii_lowercase());
        }
        // Neither is a folder on the way to the other.
        let below = |outer: &str, inner: &str| inner.to_ascii_lowercase().starts_with(&format!("{}/", outer.to_ascii_lowercase()));
        prop_assert!(!below(&pa, &pb) && !below(&pb, &pa), "{pa} {pb}");
    }
}
