//! `keygen`: a key that signs receipts, and that nobody loses by a mistake.

use crate::context::Room;

#[test]
fn a_key_is_made_once_and_is_its_owners() {
    let room = Room::new();
    let outcome = room.run(&["keygen", "--output", "dsr.pem"]).ends(0);
    let private = std::fs::read_to_string(room.path("dsr.pem")).expect("the private key");
    let public = std::fs::read_to_string(room.path("dsr.pem.pub")).expect("the public key");
    assert!(private.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let key = aml_dsr::plan::sign::SigningKey::parse(&private).expect("a key");
    assert_eq!(key.public().pem(), public);
    assert!(
        outcome.stdout.contains("dsr.pem.pub")
            && outcome.stdout.contains(&key.public().fingerprint()),
        "{}",
        outcome.stdout
    );
    let secret = private.lines().nth(1).expect("the key itself");
    assert!(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(room.path("dsr.pem"))
            .expect("it")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = room.run(&["keygen", "--output", "dsr.pem"]).ends(2);
    assert!(again.stderr.contains("not replaced"), "{}", again.stderr);
    std::fs::remove_file(room.path("dsr.pem")).expect("the private key alone is gone");
    let _ = room.run(&["keygen", "--output", "dsr.pem"]).ends(2);
    assert!(!room.path("dsr.pem").exists(), "half a pair was made");
    assert_eq!(
        std::fs::read_to_string(room.path("dsr.pem.pub")).expect("it"),
        public
    );
    let _ = room.run(&["keygen", "--output", "nowhere/dsr.pem"]).ends(2);
    let told = room
        .run(&["keygen", "--output", "b.pem", "--format", "json"])
        .ends(0)
        .json();
    assert_eq!(told["fingerprint"].as_str().map(str::len), Some(64));
}
