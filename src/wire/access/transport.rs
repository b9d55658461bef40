//! HTTP clients for sign-in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use url::Url;

use super::AccessError;
use super::redact::redact;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);
const READ_LIMIT: Duration = Duration::from_secs(30);

/// The host that stands in for a sign-in service on this machine. `azure_identity` insists on https, so it is given this
/// name, which no resolver knows (RFC 6761), and the transport puts the real address in its place.
pub(super) const STAND_IN: &str = "https://sign-in.invalid/";

/// A client that never uses a proxy: for this machine's own addresses and for the metadata service of a virtual
/// machine, which a proxy cannot reach and must not see.
pub fn direct_client() -> Result<reqwest::Client, AccessError> {
    built(builder().no_proxy())
}

/// A client for a sign-in service out there, by way of the user's proxy.
pub(super) fn outside_client() -> Result<reqwest::Client, AccessError> {
    built(builder())
}

/// No redirects: a sign-in request carries a secret, and goes to the host it was meant for or nowhere.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("aml-dsr/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(READ_LIMIT)
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, AccessError> {
    builder.build().map_err(|error| AccessError::NoClient {
        why: redact(&whole(&error), &[]),
    })
}

/// An error and its causes in one line. The caller redacts it.
pub(super) fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}

/// The transport that `azure_identity` gets for a sign-in service on this machine.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) client: reqwest::Client,
    pub(super) to: Url,
}

#[async_trait]
impl HttpClient for Local {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        let url = request.url_mut();
        if STAND_IN.contains(url.host_str().unwrap_or("?")) {
            let mut local = self.to.clone();
            local.set_path(url.path());
            local.set_query(url.query());
            *url = local;
        }
        self.client.execute_request(&request).await
    }
}

/// The transport for an authority: direct on this machine, else by way of the proxy.
pub(super) fn to_authority(
    authority: &Url,
    loopback: bool,
) -> Result<Arc<dyn HttpClient>, AccessError> {
    Ok(if loopback {
        Arc::new(Local {
            client: direct_client()?,
            to: authority.clone(),
        })
    } else {
        Arc::new(outside_client()?)
    })
}
