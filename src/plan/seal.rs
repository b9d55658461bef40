//! A digest over all the rest of a file, so that one changed byte anywhere is noticed.
//!
//! The digest is the last field of the document. It is taken over the bytes of the file with its 64 hexadecimal digits cut out,
//! not over what a parser makes of them: white space counts too.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

const FIELD: &[u8] = b"\"digest\": \"";
const END: &[u8] = b"\"\n}\n";
const HEX: usize = 64;

/// What is wrong with a sealed file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("it does not end in a digest as this program writes it")]
    NoDigest,
    #[error("it was altered after it was written: its digest says {says}, its bytes give {gives}")]
    Altered { says: String, gives: String },
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The bytes of a document, which must have a last field `digest`, with that digest filled in. Gives bytes and digest.
pub fn seal(doc: &impl Serialize) -> Result<(Vec<u8>, String), serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(doc)?;
    bytes.push(b'\n');
    let (from, to) = place(&bytes).ok_or_else(|| {
        serde::ser::Error::custom("the document has no digest of 64 digits as its last field")
    })?;
    let digest = over(&bytes, from, to);
    bytes.splice(from..to, digest.bytes());
    Ok((bytes, digest))
}

/// What stands in a document before it is sealed.
pub fn unsealed() -> String {
    "0".repeat(HEX)
}

/// The digest of a sealed file, when the file is as it was written.
pub fn open(bytes: &[u8]) -> Result<String, Broken> {
    let (from, to) = place(bytes).ok_or(Broken::NoDigest)?;
    let says = String::from_utf8_lossy(&bytes[from..to]).into_owned();
    let gives = over(bytes, from, to);
    if says == gives {
        Ok(says)
    } else {
        Err(Broken::Altered { says, gives })
    }
}

/// Where the digits stand: right before the end.
fn place(bytes: &[u8]) -> Option<(usize, usize)> {
    let to = bytes.strip_suffix(END)?.len();
    let from = to.checked_sub(HEX)?;
    let digits = &bytes[from..to];
    let named = bytes[..from].ends_with(FIELD);
    (named && digits.iter().all(u8::is_ascii_hexdigit)).then_some((from, to))
}

fn over(bytes: &[u8], from: usize, to: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(&bytes[..from]);
    hash.update(&bytes[to..]);
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Doc {
        what: &'static str,
        number: u32,
        digest: String,
    }

    fn sealed() -> (Vec<u8>, String) {
        let doc = Doc {
            what: "a \"digest\": \"\n}\n of its own",
            number: 7,
            digest: unsealed(),
        };
        seal(&doc).expect("sealed")
    }

    #[test]
    fn what_was_sealed_is_opened() {
        let (bytes, digest) = sealed();
        assert_eq!(open(&bytes), Ok(digest));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (bytes, _) = sealed();
        for at in 0..bytes.len() {
            for change in [1, 0x20, 0x80] {
                let mut other = bytes.clone();
                other[at] ^= change;
                assert!(open(&other).is_err(), "byte {at}, change {change}");
            }
            let mut shorter = bytes.clone();
            shorter.remove(at);
            assert!(open(&shorter).is_err(), "without byte {at}");
            let mut longer = bytes.clone();
            longer.insert(at, b' ');
            assert!(open(&longer).is_err(), "with a blank at {at}");
        }
    }
}
