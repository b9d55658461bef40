//! Which Azure this is: where its control plane answers, who signs people in, and which hosts may be shown a token.
//!
//! The last of these is the reason for this file. A service answer names further addresses (next links, operations,
//! redirects), and a token that follows such a link to a stranger is stolen. [`Cloud::allows`] is the whole rule.

mod known;
mod metadata;

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Hosts below a data plane's domain on which customers run programs of their own (compute instances, scoring
/// endpoints, notebooks). A token must not go there: its owner would hand it to whoever wrote the program.
const CUSTOMER_LABELS: [&str; 3] = ["instances", "inference", "notebooks"];

/// One Azure cloud, as far as this program needs to know it.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// The name that `az cloud list` uses, such as `AzureCloud`.
    pub name: String,
    /// The control plane (Azure Resource Manager).
    pub arm: Url,
    /// Who issues tokens (Entra ID).
    pub authority: Url,
    /// The audience of control plane tokens; the data plane accepts them too.
    pub arm_audience: String,
    /// The data plane's own audience, for a service that refuses a control plane token.
    pub ml_audience: Option<String>,
    /// A token may go to these hosts and to the hosts below them.
    pub data_suffixes: Vec<String>,
    pub storage_suffix: String,
    /// Microsoft Graph: what stands before `v1.0` in its addresses, with a slash at its end. Of an unknown cloud it is
    /// known only when its metadata says so.
    pub graph: Option<Url>,
    /// This is an emulator on this machine: loopback hosts are the allowed ones, and no others.
    pub loopback: bool,
}

/// Why a cloud cannot be used, and what to do next.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloudError {
    #[error(
        "There is no cloud named \"{0}\". Name AzureCloud, AzureChinaCloud or AzureUSGovernment, or give a metadata address for another one."
    )]
    UnknownName(String),
    #[error(
        "\"{what}\" cannot be used as the address of Azure: {why}. Give an https address, or an http one on this machine."
    )]
    BadEndpoint { what: String, why: &'static str },
    #[error(
        "The cloud metadata of {from} cannot be used: {why}. Check the address, or name the cloud instead."
    )]
    BadMetadata { from: String, why: String },
}

impl Cloud {
    /// Finds a cloud by the name `az` gives it, or by the short names people use.
    pub fn named(name: &str) -> Result<Self, CloudError> {
        match name.trim().to_ascii_lowercase().as_str() {
            "azurecloud" | "azurepubliccloud" | "azurepublic" | "public" => Ok(Self::public()),
            "azurechinacloud" | "azurechina" | "china" => Ok(Self::china()),
            "azureusgovernment"
            | "azureusgovernmentcloud"
            | "azuregovernment"
            | "usgovernment"
            | "usgov"
            | "gov" => Ok(Self::us_government()),
            _ => Err(CloudError::UnknownName(shown(name))),
        }
    }

    /// A cloud known only by the address of its control plane.
    ///
    /// A known or regional address (`https://westeurope.management.azure.com`) gives the known cloud. An unknown one gets
    /// its own address as the audience: the sign-in service issues no token for an audience it does not know, so a token
    /// for the real Azure cannot be sent there by mistake.
    pub fn at_arm_endpoint(endpoint: &str) -> Result<Self, CloudError> {
        let bad = |why| CloudError::BadEndpoint {
            what: shown(endpoint),
            why,
        };
        let mut url = Url::parse(endpoint.trim()).map_err(|_| bad("it is not a whole address"))?;
        if has_userinfo(&url) {
            return Err(bad("it carries a user name or password"));
        }
        if url.host().is_none() {
            return Err(bad("it names no host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it carries a query or fragment"));
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(bad("a token would travel in the clear")),
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        if loopback {
            return Ok(Self::on_loopback(url));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        for mut cloud in [Self::public(), Self::china(), Self::us_government()] {
            if cloud
                .arm
                .host_str()
                .is_some_and(|known| under(&host, known))
                && url.port().is_none()
            {
                cloud.arm = url;
                return Ok(cloud);
            }
        }
        Ok(Self {
            name: host,
            arm_audience: url.as_str().trim_end_matches('/').to_owned(),
            arm: url,
            ml_audience: None,
            data_suffixes: Vec::new(),
            graph: None,
            ..Self::public()
        })
    }

    /// An emulator: its own authority and audience, so that nothing issued by the real Azure fits it.
    fn on_loopback(arm: Url) -> Self {
        Self {
            name: "Loopback".to_owned(),
            authority: arm.clone(),
            arm_audience: arm.as_str().trim_end_matches('/').to_owned(),
            graph: arm.join("graph/").ok(),
            arm,
            ml_audience: None,
            data_suffixes: Vec::new(),
            storage_suffix: "localhost".to_owned(),
            loopback: true,
        }
    }

    /// May a token go to this address, by the cloud alone? The hosts of a workspace's discovery answer come on top. Never to
    /// Microsoft Graph: that takes a token of its own.
    pub fn allows(&self, url: &Url) -> bool {
        if has_userinfo(url) || self.is_graph(url) {
            return false;
        }
        if self.loopback {
            return matches!(url.scheme(), "http" | "https") && is_loopback(url);
        }
        // An IP address is never a name of Azure's, whatever it resolves to.
        let Some(Host::Domain(host)) = url.host() else {
            return false;
        };
        if url.scheme() != "https" {
            return false;
        }
        if self.arm.host_str() == Some(host)
            && self.arm.port_or_known_default() == url.port_or_known_default()
        {
            return true;
        }
        url.port_or_known_default() == Some(443)
            && !host
                .split('.')
                .any(|label| CUSTOMER_LABELS.contains(&label))
            && self.data_suffixes.iter().any(|suffix| under(host, suffix))
    }

    /// Whether an address is one of Microsoft Graph's, which no token but Graph's own may see, and to which alone Graph's own
    /// may go.
    pub fn is_graph(&self, url: &Url) -> bool {
        self.graph.as_ref().is_some_and(|graph| {
            !has_userinfo(url)
                && url.origin() == graph.origin()
                && url.path().starts_with(graph.path())
        })
    }

    /// The scope to ask a token for Microsoft Graph for.
    pub fn graph_scope(&self) -> Option<String> {
        self.graph
            .as_ref()
            .map(|graph| scope_of(graph.as_str().trim_end_matches('/')))
    }

    /// The scope to ask a token for; it serves the control plane and the data plane.
    pub fn arm_scope(&self) -> String {
        scope_of(&self.arm_audience)
    }

    /// The scope to try when a data plane service answers 401 to a control plane token.
    pub fn ml_scope(&self) -> Option<String> {
        self.ml_audience.as_deref().map(scope_of)
    }
}

/// An audience that ends in a slash keeps it (`https://management.core.windows.net//.default`): Entra ID takes everything
/// before `/.default` as the audience, letter by letter.
fn scope_of(audience: &str) -> String {
    format!("{audience}/.default")
}

/// Is `host` the domain itself or below it? Compared at a dot, so that `evilazureml.ms` is not below `azureml.ms`.
fn under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || (rest.len() > 1 && rest.ends_with('.')))
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Loopback by address, or by the one name that RFC 6761 reserves for it.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => Ipv4Addr::is_loopback(&ip),
        Some(Host::Ipv6(ip)) => Ipv6Addr::is_loopback(&ip),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Input as it may stand in a message: no query, no credentials, no control characters, and short.
fn shown(input: &str) -> String {
    let mut text = Url::parse(input).map_or_else(
        |_| input.to_owned(),
        |mut url| {
            url.set_query(None);
            url.set_fragment(None);
            // Both fail only for addresses that cannot carry credentials.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.into()
        },
    );
    text.retain(|c| !c.is_control());
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests;
