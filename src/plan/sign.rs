//! Signatures: Ed25519, in the forms that OpenSSL 3 reads, so that nobody needs this program to check one.
//!
//! A signature by a key that one knows says who made the receipt. By a key that merely lies beside it, it says no more than that
//! nothing changed since, by anybody who does not hold the private key.

use aws_lc_rs::signature::{self, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::seal::sha256;

/// The length of a signature in bytes.
pub const SIGNATURE: usize = 64;
/// What everybody can check a signature with.
pub const COMMAND: &str = "openssl pkeyutl -verify -pubin -inkey receipt.pub.pem -rawin -in receipt.json -sigfile receipt.json.sig";
/// What tells the fingerprint of a public key.
pub const FINGERPRINT: &str =
    "openssl pkey -pubin -in receipt.pub.pem -outform DER | openssl dgst -sha256";

/// The label of a private key in PEM.
const PRIVATE: &str = "PRIVATE KEY";
/// The label of a public key in PEM.
const PUBLIC: &str = "PUBLIC KEY";
/// SubjectPublicKeyInfo of Ed25519 (RFC 8410) up to the 32 bytes of the key.
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// Characters in a line of PEM (RFC 7468).
const LINE: usize = 64;

/// What is wrong with a key or a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("it holds no {label} in PEM: {why}")]
    NoPem {
        label: &'static str,
        why: &'static str,
    },
    #[error(
        "it holds no private key of Ed25519 in PKCS#8 without a passphrase; make one with `aml-dsr keygen --output FILE`"
    )]
    NotEd25519,
    #[error("it holds no public key of Ed25519")]
    NotPublic,
    #[error("no key could be made: the source of chance failed")]
    NoChance,
    #[error("a signature has {SIGNATURE} bytes, and this has {0}")]
    Length(usize),
    #[error("the signature is not by this key over these bytes")]
    Wrong,
}

/// A private key that signs.
pub struct SigningKey(Ed25519KeyPair);

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl SigningKey {
    /// A new one, and its PKCS#8 in PEM (version 1, which OpenSSL reads).
    pub fn generate() -> Result<(Self, String), SignError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| SignError::NoChance)?;
        let der = pair.to_pkcs8v1().map_err(|_| SignError::NoChance)?;
        let text = pem(PRIVATE, der.as_ref());
        Ok((Self(pair), text))
    }

    /// Reads PKCS#8 in PEM.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let der = from_pem(PRIVATE, text)?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).map_err(|_| SignError::NotEd25519)?;
        Ok(Self(pair))
    }

    /// The signature over bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }

    /// The key that checks.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }
}

/// A private key never stands in a message or a log.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl PublicKey {
    /// Reads SubjectPublicKeyInfo in PEM.
    pub fn parse(text: &str) -> Result<Self, SignError> {
        let der = from_pem(PUBLIC, text)?;
        let key = der.strip_prefix(&SPKI).ok_or(SignError::NotPublic)?;
        key.try_into().map(Self).map_err(|_| SignError::NotPublic)
    }

    /// SubjectPublicKeyInfo in PEM.
    pub fn pem(&self) -> String {
        pem(PUBLIC, &self.der())
    }

    /// SHA-256 over the SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | openssl dgst -sha256` gives it.
    pub fn fingerprint(&self) -> String {
        sha256(&self.der())
    }

    /// Whether the signature is by this key over these bytes.
    pub fn verify(&self, bytes: &[u8], sig: &[u8]) -> Result<(), SignError> {
        if sig.len() != SIGNATURE {
            return Err(SignError::Length(sig.len()));
        }
        UnparsedPublicKey::new(&signature::ED25519, &self.0)
            .verify(bytes, sig)
            .map_err(|_| SignError::Wrong)
    }

    fn der(&self) -> Vec<u8> {
        [SPKI.as_slice(), &self.0].concat()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out + "-----END " + label + "-----\n"
}

fn from_pem(label: &'static str, text: &str) -> Result<Vec<u8>, SignError> {
    let wrong = |why| SignError::NoPem { label, why };
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let (_, body) = text
        .split_once(&begin)
        .ok_or_else(|| wrong("its first line is missing"))?;
    let (body, _) = body
        .split_once(&end)
        .ok_or_else(|| wrong("its last line is missing"))?;
    let packed: String = body
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(packed)
        .map_err(|_| wrong("what stands between its lines is not Base64"))
}

#[cfg(test)]
mod tests;
