//! Keyed hashes: they stand for a name in a receipt, and only whoever has the key can tell for which.
//!
//! A plain hash of a name is no protection, since whoever guesses the name finds it again. The key is a file of its own, never
//! part of what is handed over. What goes into a hash is written so that `openssl dgst` can repeat it.

use aws_lc_rs::hmac;

use super::seal::hex;

/// How many bytes a key has.
pub const LENGTH: usize = 32;

/// What a hash stands for. The word is the first line of what is hashed, so that no hash of one purpose passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// An item by its kind and its id.
    Item(&'a str, &'a str),
    /// An identifier of a person by its form. Case does not count.
    Person(&'a str, &'a str),
    /// The name of somebody who asked or approved. Case does not count.
    Name(&'a str),
    /// A place of bytes.
    Place(&'a str),
    /// Nothing: it tells whether a key is the right one.
    Key,
}

/// What is wrong with a key that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds no key: a key is 64 hexadecimal digits in one line")]
pub struct NoKey;

/// The key of the hashes of one receipt.
pub struct Key {
    bytes: [u8; LENGTH],
    hmac: hmac::Key,
}

impl Key {
    /// A key of bytes that nobody can guess.
    pub fn new(bytes: [u8; LENGTH]) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Self { bytes, hmac }
    }

    /// Reads what `text` writes.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let digits = text.trim().as_bytes();
        if digits.len() != 2 * LENGTH {
            return Err(NoKey);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(NoKey);
        let mut bytes = [0; LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let value = digit(pair[0])? * 16 + digit(pair[1])?;
            *byte = u8::try_from(value).map_err(|_| NoKey)?;
        }
        Ok(Self::new(bytes))
    }

    /// The key as its file holds it.
    pub fn text(&self) -> String {
        format!("{}\n", hex(&self.bytes))
    }

    /// HMAC-SHA-256 in lower-case hexadecimal.
    pub fn hash(&self, of: Of<'_>) -> String {
        hex(hmac::sign(&self.hmac, message(of).as_bytes()).as_ref())
    }
}

/// A key never stands in a message or a log.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What is hashed: lines without an end. Only the last one can hold what others wrote, so no two things give the same text:
/// kinds and forms are words of this program.
fn message(of: Of<'_>) -> String {
    match of {
        Of::Item(kind, id) => format!("item\n{kind}\n{id}"),
        Of::Person(form, value) => format!("person\n{form}\n{}", folded(value)),
        Of::Name(name) => format!("name\n{}", folded(name)),
        Of::Place(place) => format!("place\n{place}"),
        Of::Key => "key".to_owned(),
    }
}

/// Addresses and names are the same in capitals, and with white space around them.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back() {
        let key = Key::new([0xa5; LENGTH]);
        let again = Key::parse(&key.text()).expect("a key");
        assert_eq!(again.hash(Of::Key), key.hash(Of::Key));
        assert_eq!(format!("{key:?}"), "Key(..)");
        for wrong in ["", "a5", &"g".repeat(64), &"a".repeat(65)] {
            assert!(Key::parse(wrong).is_err(), "{wrong}");
        }
    }

    /// The values are those of `printf 'item\nmodels\nfraud:3' | openssl dgst -sha256 -mac HMAC -macopt hexkey:a5a5...`.
    #[test]
    fn a_hash_is_what_openssl_gives() {
        let key = Key::new([0xa5; LENGTH]);
        assert_eq!(
            key.hash(Of::Item("models", "fraud:3")),
            "107e068f85afb95081c811652f6d109fd2e8b04bd45437b22bde83b35b749683"
        );
        assert_eq!(
            key.hash(Of::Key),
            "bd366725ef98c217a5440397c1d59afea1aab300462fbf446e608aa4de06bb35"
        );
    }

    #[test]
    fn no_purpose_passes_for_another() {
        let key = Key::new([7; LENGTH]);
        let all = [
            Of::Item("models", "a"),
            Of::Item("runs", "a"),
            Of::Person("mail", "a"),
            Of::Name("a"),
            Of::Place("a"),
            Of::Key,
        ];
        let hashes: std::collections::BTreeSet<String> = all.map(|of| key.hash(of)).into();
        assert_eq!(hashes.len(), all.len());
        assert_eq!(
            key.hash(Of::Person("mail", " Ada@Contoso.com ")),
            key.hash(Of::Person("mail", "ada@contoso.com"))
        );
        assert_ne!(
            key.hash(Of::Item("models", "A")),
            key.hash(Of::Item("models", "a"))
        );
        let other = Key::new([8; LENGTH]);
        assert_ne!(key.hash(Of::Key), other.hash(Of::Key));
    }
}
