//! A cloud described by its own metadata document (`/metadata/endpoints`), for clouds that no table of ours knows.
//!
//! Azure's tools read the same document, from the address in `ARM_CLOUD_METADATA_URL`. Whoever chooses that address
//! chooses where tokens go, so it comes from the user alone and must be https, a local file, or this machine.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{Cloud, CloudError, has_userinfo, is_loopback, shown};

const LIMIT_BYTES: usize = 4 << 20;
const LIMIT_TIME: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Many(Vec<Entry>),
    One(Box<Entry>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    name: String,
    resource_manager: Option<String>,
    portal: Option<String>,
    microsoft_graph_resource_id: Option<String>,
    authentication: Option<Authentication>,
    #[serde(default)]
    suffixes: Suffixes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    login_endpoint: Option<String>,
    #[serde(default)]
    audiences: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Suffixes {
    storage: Option<String>,
}

impl Cloud {
    /// Reads the metadata document at an `https://` or `file://` address, or at an `http://` one on this machine.
    /// Without a name the only entry is taken, or the one named `AzureCloud`.
    pub async fn from_metadata(source: &str, name: Option<&str>) -> Result<Self, CloudError> {
        let fault = |why: &str| CloudError::BadMetadata {
            from: shown(source),
            why: why.to_owned(),
        };
        let url = Url::parse(source.trim()).map_err(|_| fault("it is not a whole address"))?;
        if has_userinfo(&url) {
            return Err(fault("the address carries a user name or password"));
        }
        let local = url.scheme() == "file" || is_loopback(&url);
        let bytes = match url.scheme() {
            "file" => {
                let path = url
                    .to_file_path()
                    .map_err(|()| fault("it is not the path of a local file"))?;
                from_file(&path).await.map_err(|why| fault(&why))?
            }
            "https" => download(&url, local).await.map_err(|why| fault(&why))?,
            "http" if local => download(&url, local).await.map_err(|why| fault(&why))?,
            _ => return Err(fault("only https, file, and http on this machine are read")),
        };
        parse(&bytes, name, local).map_err(|why| fault(&why))
    }
}

async fn from_file(path: &Path) -> Result<Vec<u8>, String> {
    let size = tokio::fs::metadata(path)
        .await
        .map_err(|e| e.to_string())?
        .len();
    if size > LIMIT_BYTES as u64 {
        return Err("the file is too large for a metadata document".to_owned());
    }
    tokio::fs::read(path).await.map_err(|e| e.to_string())
}

/// No redirects: the address that the user chose is the one that answers.
async fn download(url: &Url, local: bool) -> Result<Vec<u8>, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(LIMIT_TIME);
    if local {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|e| e.without_url().to_string())?;
    let mut answer = client
        .get(url.clone())
        .send()
        .await
        .map_err(|e| e.without_url().to_string())?;
    if !answer.status().is_success() {
        return Err(format!("the answer was {}", answer.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|e| e.without_url().to_string())?
    {
        if bytes.len() + chunk.len() > LIMIT_BYTES {
            return Err("the answer is too large for a metadata document".to_owned());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parse(bytes: &[u8], name: Option<&str>, local: bool) -> Result<Cloud, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|_| "it is not a metadata document (JSON with a list of clouds)".to_owned())?;
    let entries = match document {
        Document::Many(entries) => entries,
        Document::One(entry) => vec![*entry],
    };
    let known = entries
        .iter()
        .map(|e| shown(&e.name))
        .collect::<Vec<_>>()
        .join(", ");
    let entry = match (name, entries.as_slice()) {
        (_, []) => return Err("it lists no cloud".to_owned()),
        (Some(wanted), all) => all
            .iter()
            .find(|e| e.name.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| format!("it lists no cloud named \"{}\", but {known}", shown(wanted)))?,
        (None, [only]) => only,
        (None, all) => all
            .iter()
            .find(|e| e.name == "AzureCloud")
            .ok_or_else(|| format!("it lists several clouds ({known}), so one has to be named"))?,
    };
    entry.cloud(local)
}

impl Entry {
    fn cloud(&self, local: bool) -> Result<Cloud, String> {
        let address = self
            .resource_manager
            .as_deref()
            .ok_or("the entry has no resourceManager")?;
        let base = Cloud::at_arm_endpoint(address).map_err(|e| e.to_string())?;
        if base.loopback && !local {
            return Err("a document from the network points at this machine".to_owned());
        }
        let mut cloud = base;
        if !self.name.is_empty() {
            cloud.name = shown(&self.name);
        }
        if let Some(login) = self
            .authentication
            .as_ref()
            .and_then(|a| a.login_endpoint.as_deref())
        {
            let url =
                Url::parse(login).map_err(|_| "loginEndpoint is not a whole address".to_owned())?;
            let safe = url.scheme() == "https" || (cloud.loopback && is_loopback(&url));
            if !safe || has_userinfo(&url) || (cloud.loopback && !is_loopback(&url)) {
                return Err(
                    "loginEndpoint is not an address that a password may be sent to".to_owned(),
                );
            }
            cloud.authority = url;
        }
        if let Some(graph) = self.graph(cloud.loopback)? {
            cloud.graph = Some(graph);
            if cloud.is_graph(&cloud.arm) {
                return Err(
                    "microsoftGraphResourceId covers the address of the resource manager"
                        .to_owned(),
                );
            }
        }
        // An emulator keeps its own address as the audience, so that no token for the real Azure is ever asked for it.
        if let Some(audience) = self.audience(&cloud.arm).filter(|_| !cloud.loopback) {
            cloud.arm_audience = audience;
        }
        if let Some(storage) = &self.suffixes.storage {
            cloud.storage_suffix.clone_from(storage);
        }
        // Azure's own clients derive the ML host names of an unknown cloud from the name of its portal.
        if cloud.data_suffixes.is_empty()
            && !cloud.loopback
            && let Some(tail) = self.portal_tail()
        {
            cloud.ml_audience = Some(format!("https://ml.azure.{tail}"));
            cloud.data_suffixes = vec![format!("api.ml.azure.{tail}"), format!("ml.azure.{tail}")];
        }
        Ok(cloud)
    }

    /// Microsoft Graph, where the document names it: https, or on this machine when the whole cloud is.
    fn graph(&self, loopback: bool) -> Result<Option<Url>, String> {
        let Some(address) = self
            .microsoft_graph_resource_id
            .as_deref()
            .filter(|address| !address.trim().is_empty())
        else {
            return Ok(None);
        };
        let mut url = Url::parse(address)
            .map_err(|_| "microsoftGraphResourceId is not a whole address".to_owned())?;
        let safe = url.scheme() == "https" || (loopback && url.scheme() == "http");
        let plain = !has_userinfo(&url) && url.query().is_none() && url.fragment().is_none();
        if !safe || !plain || loopback != is_loopback(&url) {
            return Err(
                "microsoftGraphResourceId is not an address that a token may be sent to".to_owned(),
            );
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Some(url))
    }

    /// The audience on the control plane's own host if the list has it, since every client uses that one; else the first.
    fn audience(&self, arm: &Url) -> Option<String> {
        let audiences = &self.authentication.as_ref()?.audiences;
        let same_host = audiences
            .iter()
            .find(|a| Url::parse(a).is_ok_and(|u| u.host_str() == arm.host_str()));
        match same_host {
            Some(audience) => Some(audience.trim_end_matches('/').to_owned()),
            None => audiences.first().cloned(),
        }
    }

    /// `eaglex.ic.gov` of `https://portal.azure.eaglex.ic.gov`.
    fn portal_tail(&self) -> Option<String> {
        let url = Url::parse(self.portal.as_deref()?).ok()?;
        let tail = url.host_str()?.strip_prefix("portal.azure.")?;
        (!tail.is_empty()).then(|| tail.to_owned())
    }
}
