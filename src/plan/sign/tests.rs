use super::*;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn what_is_signed_is_verified_and_every_changed_byte_is_noticed() {
    let (key, text) = SigningKey::generate().expect("a key");
    let again = SigningKey::parse(&text).expect("the key, read back");
    assert_eq!(again.public(), key.public());
    let public = PublicKey::parse(&key.public().pem()).expect("a public key");
    assert_eq!(public.fingerprint(), key.public().fingerprint());
    let (bytes, sig) = (
        b"a small receipt\n".to_vec(),
        again.sign(b"a small receipt\n"),
    );
    assert_eq!(public.verify(&bytes, &sig), Ok(()));
    for at in 0..sig.len() {
        for bit in 0..8 {
            let mut other = sig.clone();
            other[at] ^= 1 << bit;
            assert!(public.verify(&bytes, &other).is_err(), "byte {at}");
        }
    }
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(public.verify(&other, &sig).is_err(), "byte {at}");
    }
    assert_eq!(
        public.verify(&bytes, &sig[..63]),
        Err(SignError::Length(63))
    );
    let (stranger, _) = SigningKey::generate().expect("another key");
    assert_eq!(
        stranger.public().verify(&bytes, &sig),
        Err(SignError::Wrong)
    );
    assert_eq!(format!("{key:?}"), "SigningKey(..)");
}

#[test]
fn what_is_no_key_is_refused_with_a_sentence() {
    let (key, text) = SigningKey::generate().expect("a key");
    let public = key.public().pem();
    for wrong in ["", "x", &public, &text.replace("PRIVATE", "EC PRIVATE")] {
        let error = SigningKey::parse(wrong).expect_err("no private key");
        assert!(error.to_string().contains("PRIVATE KEY"), "{error}");
    }
    assert!(PublicKey::parse(&text).is_err());
    // The point of a key of another kind: X25519 has the object identifier 1.3.101.110.
    let mut der = key.public().der();
    der[8] = 0x6e;
    assert_eq!(
        PublicKey::parse(&pem(PUBLIC, &der)),
        Err(SignError::NotPublic)
    );
    assert!(matches!(
        SigningKey::parse(&pem(PRIVATE, &der)),
        Err(SignError::NotEd25519)
    ));
}

/// Runs OpenSSL in a directory; `None`, said loudly, when there is none that knows Ed25519 and `-rawin`.
fn openssl(dir: &Path, arguments: &[&str]) -> Option<Output> {
    let version = Command::new("openssl").arg("version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match version {
        Ok(text) if text.starts_with("OpenSSL 3") || text.starts_with("OpenSSL 4") => {}
        other => {
            assert!(
                std::env::var_os("CI").is_none(),
                "OpenSSL 3 is wanted where everything is checked, and this is {other:?}"
            );
            #[expect(clippy::print_stderr, reason = "a test that was not made must be seen")]
            {
                eprintln!("NOT CHECKED: there is no OpenSSL 3 here ({other:?})");
            }
            return None;
        }
    }
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .output();
    Some(output.expect("OpenSSL runs"))
}

#[test]
fn openssl_agrees() {
    let dir = tempfile::tempdir().expect("a directory");
    let put = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).expect(name);
    let (key, text) = SigningKey::generate().expect("a key");
    let receipt = b"{\n  \"digest\": \"0\"\n}\n";
    put("key.pem", text.as_bytes());
    put("receipt.json", receipt);
    put("receipt.json.sig", &key.sign(receipt));
    put("receipt.pub.pem", key.public().pem().as_bytes());
    let command: Vec<&str> = COMMAND.split(' ').skip(1).collect();
    let Some(output) = openssl(dir.path(), &command) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Signature Verified Successfully"));
    // It signs with our key what we sign, since Ed25519 leaves nothing to chance.
    let sign = "pkeyutl -sign -inkey key.pem -rawin -in receipt.json -out theirs.sig";
    let sign: Vec<&str> = sign.split(' ').collect();
    let output = openssl(dir.path(), &sign).expect("OpenSSL");
    assert!(output.status.success(), "{output:?}");
    let theirs = std::fs::read(dir.path().join("theirs.sig")).expect("a signature");
    assert_eq!(theirs, key.sign(receipt));
    // The fingerprint is the one that the documentation tells how to get.
    let der = "pkey -pubin -in receipt.pub.pem -outform DER";
    let der: Vec<&str> = der.split(' ').collect();
    let output = openssl(dir.path(), &der).expect("OpenSSL");
    assert_eq!(sha256(&output.stdout), key.public().fingerprint());
    // A key that OpenSSL makes signs here.
    let made = "genpkey -algorithm ed25519 -out theirs.pem";
    let made: Vec<&str> = made.split(' ').collect();
    assert!(
        openssl(dir.path(), &made)
            .expect("OpenSSL")
            .status
            .success()
    );
    let theirs = std::fs::read_to_string(dir.path().join("theirs.pem")).expect("a key");
    let theirs = SigningKey::parse(&theirs).expect("a key of OpenSSL");
    assert_ne!(theirs.public(), key.public());
    // It notices what we notice.
    put("receipt.json", b"{\n  \"digest\": \"1\"\n}\n");
    assert!(
        !openssl(dir.path(), &command)
            .expect("OpenSSL")
            .status
            .success()
    );
}
