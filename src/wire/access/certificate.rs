//! Signing in with a certificate: a short statement, signed with the certificate's key, in place of a secret.
//!
//! `azure_identity` can do this through OpenSSL alone, which would be a second TLS library in the program. The statement
//! is small enough to make here: a JWT signed with PS256, as Entra ID documents it.

use std::path::Path;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256};
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use time::OffsetDateTime;

use super::error::Setback;
use super::service::Context;

const NEXT: &str = "AZURE_CLIENT_CERTIFICATE_PATH has to name a PEM file with the certificate and its unencrypted RSA key; from a .pfx: openssl pkcs12 -in cert.pfx -out cert.pem -nodes";
const LIFE: time::Duration = time::Duration::minutes(10);

pub(super) struct Certificate {
    key: KeyPair,
    /// The certificate of the key first, then its issuers if they are to be sent.
    chain: Vec<Vec<u8>>,
    send_chain: bool,
    audience: String,
    client: String,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    pub(super) fn read(
        context: &Context,
        path: &Path,
        tenant: &str,
        client: &str,
    ) -> Result<Self, Setback> {
        let stop = |why: String| Setback::stop(context.clean(&why), NEXT);
        let pem = std::fs::read(path)
            .map_err(|e| stop(format!("{} cannot be read: {e}", path.display())))?;
        let (key, chain) = parts(&pem).map_err(|why| stop(format!("{}: {why}", path.display())))?;
        let audience = context
            .authority
            .join(&format!("/{tenant}/oauth2/v2.0/token"))
            .map_err(|e| stop(e.to_string()))?
            .into();
        let send_chain = context
            .var("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")
            .is_some_and(|v| v == "1" || v.eq_ignore_ascii_case("true"));
        Ok(Self {
            key,
            chain,
            send_chain,
            audience,
            client: client.to_owned(),
        })
    }

    fn assertion(&self, now: OffsetDateTime) -> Result<String, aws_lc_rs::error::Unspecified> {
        let mut id = [0; 16];
        SystemRandom::new().fill(&mut id)?;
        let mut header = json!({
            "alg": "PS256",
            "typ": "JWT",
            "x5t#S256": URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.chain[0])),
        });
        if self.send_chain {
            // RFC 7515 wants these in the other alphabet, with padding.
            header["x5c"] = self.chain.iter().map(|der| STANDARD.encode(der)).collect();
        }
        let claims = json!({
            "aud": self.audience,
            "iss": self.client,
            "sub": self.client,
            "jti": URL_SAFE_NO_PAD.encode(id),
            "nbf": now.unix_timestamp(),
            "exp": (now + LIFE).unix_timestamp(),
        });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(
            &RSA_PSS_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The key and the certificates of a PEM file, the key's own certificate first.
fn parts(pem: &[u8]) -> Result<(KeyPair, Vec<Vec<u8>>), &'static str> {
    if !pem.windows(10).any(|window| window == b"-----BEGIN") {
        return Err("it is not a PEM file");
    }
    if pem
        .windows(21)
        .any(|window| window == b"ENCRYPTED PRIVATE KEY")
        || pem
            .windows(19)
            .any(|window| window == b"Proc-Type: 4,ENCRYP")
    {
        return Err("its key is encrypted");
    }
    let mut chain = CertificateDer::pem_slice_iter(pem)
        .map(|der| der.map(|der| der.to_vec()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| "its certificate is damaged")?;
    let key = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| "it holds no private key")? {
        PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err("its key is not an RSA key, and Entra ID takes no other"),
    }
    .map_err(|_| "its key is not an RSA key of at least 2048 bits")?;
    if chain.is_empty() {
        return Err("it holds no certificate");
    }
    // A certificate contains its public key letter by letter, so that the right one is found without reading ASN.1.
    let public = key.public_key().as_ref();
    let own = chain
        .iter()
        .position(|der| memchr::memmem::find(der, public).is_some())
        .ok_or("none of its certificates belongs to its key")?;
    chain.swap(0, own);
    Ok((key, chain))
}

#[async_trait]
impl ClientAssertion for Certificate {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.assertion(OffsetDateTime::now_utc()).map_err(|_| {
            azure_core::Error::with_message(
                ErrorKind::Credential,
                "the certificate's key could not sign",
            )
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;
    use crate::wire::access::tests::env;
    use crate::wire::cloud::Cloud;

    fn block(label: &str, der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            lines.join("\n")
        )
    }

    /// A key, and a PEM file with it between an issuer and something around the public key that passes for a certificate.
    pub(in crate::wire::access) fn key_and_pem() -> (KeyPair, String) {
        let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let der: Pkcs8V1Der<'_> = key.as_der().expect("DER");
        let own = [b"before".as_slice(), key.public_key().as_ref(), b"after"].concat();
        let pem = format!(
            "{}{}{}",
            block("CERTIFICATE", b"an issuer"),
            block("PRIVATE KEY", der.as_ref()),
            block("CERTIFICATE", &own)
        );
        (key, pem)
    }

    #[test]
    fn the_statement_verifies_and_says_what_entra_wants() {
        let (key, pem) = key_and_pem();
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("cert.pem");
        std::fs::write(&path, pem).expect("a file");
        let context = Context::new(
            &Cloud::public(),
            env(&[("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true")]),
        )
        .expect("a context");
        let certificate =
            Certificate::read(&context, &path, "tenant", "client").expect("a certificate");
        let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).expect("a time");
        let jwt = certificate.assertion(now).expect("a statement");
        let (signed, signature) = jwt.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref());
        public
            .verify(signed.as_bytes(), &signature)
            .expect("it verifies");
        public
            .verify(b"something else", &signature)
            .expect_err("nothing else does");

        let part = |text: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
        };
        let (header, claims) = signed.split_once('.').expect("two parts");
        let (header, claims) = (part(header), part(claims));
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!("PS256"), &json!("JWT"))
        );
        let own = STANDARD
            .decode(header["x5c"][0].as_str().expect("a certificate"))
            .expect("base64");
        assert!(own.starts_with(b"before"));
        assert_eq!(
            header["x5t#S256"],
            json!(URL_SAFE_NO_PAD.encode(digest(&SHA256, &own)))
        );
        assert_eq!(header["x5c"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            claims["aud"],
            json!("https://login.microsoftonline.com/tenant/oauth2/v2.0/token")
        );
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("client"), &json!("client"))
        );
        assert_eq!(
            (&claims["nbf"], &claims["exp"]),
            (&json!(1_700_000_000), &json!(1_700_000_600))
        );
        assert_ne!(jwt, certificate.assertion(now).expect("another"));
    }

    #[test]
    fn a_file_that_cannot_serve_says_why_and_how_to_mend_it() {
        let (_, pem) = key_and_pem();
        let (_, other) = key_and_pem();
        let key_of = |pem: &str| {
            let (from, to) = (
                pem.find("-----BEGIN PRIVATE").expect("a key"),
                pem.find("-----END PRIVATE KEY-----\n").expect("its end"),
            );
            pem[from..to + 26].to_owned()
        };
        let without_key = pem.replace(&key_of(&pem), "");
        let table = [
            (b"\x30\x82pfx".to_vec(), "not a PEM"),
            (
                block("ENCRYPTED PRIVATE KEY", b"x").into_bytes(),
                "encrypted",
            ),
            (without_key.clone().into_bytes(), "no private key"),
            (key_of(&pem).into_bytes(), "no certificate"),
            (
                format!("{without_key}{}", key_of(&other)).into_bytes(),
                "none of its certificates",
            ),
            (
                format!("{}{without_key}", block("PRIVATE KEY", b"junk")).into_bytes(),
                "not an RSA key",
            ),
            (
                format!("{}{without_key}", block("EC PRIVATE KEY", b"junk")).into_bytes(),
                "not an RSA key",
            ),
        ];
        for (pem, expected) in table {
            let why = parts(&pem).expect_err(expected);
            assert!(why.contains(expected), "{why} is not {expected}");
        }
        let context = Context::new(&Cloud::public(), env(&[])).expect("a context");
        let gone = Certificate::read(&context, Path::new("/no/such.pem"), "t", "c");
        assert!(
            matches!(&gone, Err(Setback::Stop { why, next }) if why.contains("/no/such.pem") && next.contains("openssl pkcs12"))
        );
    }
}
