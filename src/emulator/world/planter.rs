//! Secrets, planted where the services keep theirs. Each is unique and each is listed, so that a test can look for every
//! one of them in whatever was written.

use crate::emulator::mint::Mint;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeSet;

#[derive(Debug)]
pub(crate) struct Planter {
    pub(crate) mint: Mint,
    planted: BTreeSet<String>,
}

impl Planter {
    pub(crate) fn new(mint: Mint) -> Self {
        Self {
            mint,
            planted: BTreeSet::new(),
        }
    }

    pub(crate) fn into_planted(self) -> BTreeSet<String> {
        self.planted
    }

    /// The bare secret.
    pub(crate) fn secret(&mut self, label: &str) -> String {
        let secret = self.mint.planted(label);
        self.planted.insert(secret.clone());
        secret
    }

    /// The query of a user-delegation SAS that does not end soon.
    pub(crate) fn sas(&mut self, label: &str) -> String {
        let signature = self.secret(label);
        sas_query(&signature, "2099-12-31T23:59:59Z")
    }

    pub(crate) fn connection(&mut self, label: &str) -> String {
        let key = self.secret(label);
        format!(
            "DefaultEndpointsProtocol=https;AccountName=contosoml7731;AccountKey={key}==;EndpointSuffix=core.windows.net"
        )
    }

    /// A token with a real header and payload; the signature is the planted part.
    pub(crate) fn jwt(&mut self, label: &str) -> String {
        let signature = self.secret(label);
        let header = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"RS256"}"#);
        let payload = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"sub":"{}","exp":4102444799}}"#,
            self.mint.guid(label)
        ));
        format!("{header}.{payload}.{signature}")
    }

    pub(crate) fn pem(&mut self, label: &str) -> String {
        let body = self.secret(label);
        format!(
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n{body}\n-----END PRIVATE KEY-----\n"
        )
    }
}

/// What stands behind the question mark of a link to a blob.
pub(crate) fn sas_query(signature: &str, until: &str) -> String {
    format!(
        "sv=2019-07-07&sr=b&skoid=7c8a9f1d-3d34-4a1b-9a63-08d7c1f2a9b4&sktid=72f98888-0000-4000-8000-2d7cd011db47\
         &skt=2020-03-01T00%3A00%3A00Z&ske=2099-12-31T23%3A59%3A59Z&sks=b&skv=2019-07-07\
         &se={}&sp=r&sig={signature}%3D",
        until.replace(':', "%3A")
    )
}

/// The label under which the signature of a blob is made, so that the storage account can check it without a list.
pub(crate) fn blob_label(artifact_id: &str) -> String {
    format!("sas of {artifact_id}")
}
