//! Where the services of a workspace are. Hosts are never built from the region: a private-link workspace has its own.

use std::collections::BTreeMap;

use url::Url;

use super::brake::Class;
use super::call::{Audience, Call, Pass, Verb, host_of, is_loopback};
use super::{Fault, Wire};

/// The answer of service discovery: base addresses by key, and the hosts that were refused.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    pub bases: BTreeMap<String, Url>,
    /// Keys whose address belongs to no host of this cloud.
    pub refused: BTreeMap<String, String>,
}

/// Asks `properties.discoveryUrl`, without a token, as Microsoft's clients do.
pub async fn discover(wire: &Wire, url: &Url) -> Result<Hosts, Fault> {
    let (host, path) = (host_of(url), url.path().to_owned());
    if !safe(wire, url) {
        return Err(Fault::Foreign { host, path });
    }
    let call = Call {
        verb: Verb::Get,
        pass: Pass::Read,
        url: url.clone(),
        body: None,
        headers: Vec::new(),
        token: false,
        audience: Audience::Azure,
        class: Class::Read,
    };
    let answer = wire.send(call).await?;
    let malformed = |what: String| Fault::Malformed {
        host: host.clone(),
        path: path.clone(),
        what,
        request_id: answer.request_id.clone(),
    };
    let map: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&answer.body).map_err(|error| malformed(error.to_string()))?;
    let mut hosts = Hosts::default();
    for (key, value) in map {
        let Some(base) = value.as_str().and_then(|text| Url::parse(text).ok()) else {
            continue;
        };
        if safe(wire, &base) && (wire.cloud.allows(&base) || wire.cloud.data_suffixes.is_empty()) {
            wire.trust(&base);
            hosts.bases.insert(key.to_lowercase(), base);
        } else {
            hosts.refused.insert(key.to_lowercase(), host_of(&base));
        }
    }
    if hosts.bases.is_empty() {
        return Err(malformed("it names no service of this cloud".to_owned()));
    }
    Ok(hosts)
}

fn safe(wire: &Wire, url: &Url) -> bool {
    let loopback = is_loopback(url);
    url.username().is_empty()
        && url.password().is_none()
        && if wire.cloud.loopback {
            loopback
        } else {
            url.scheme() == "https" && !loopback
        }
}
