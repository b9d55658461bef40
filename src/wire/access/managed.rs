//! The identity of the machine this runs on.
//!
//! Which service hands it out shows in the environment; the order of the questions is that of Azure's own libraries.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};
use url::Url;

use super::chain::Source;
use super::error::Setback;
use super::service::{Context, direct_options, status_of, stopped_by, token_of};
use super::{Token, aml_msi, transport};

const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const NEXT: &str = "Check the identity of this machine and its role assignments, and AZURE_CLIENT_ID if it names a user-assigned one.";

/// Outside Azure nobody answers at the metadata address, and the credential of `azure_identity` takes 100 seconds to find
/// that out.
const PROBE: Duration = Duration::from_secs(1);

pub(super) struct ManagedIdentity {
    context: Arc<Context>,
    probe_at: String,
}

#[derive(Debug, PartialEq)]
enum Host {
    AppService,
    AzureMl { endpoint: String, secret: String },
    Imds,
    Unsupported(&'static str),
}

impl ManagedIdentity {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            probe_at: IMDS.to_owned(),
        }
    }

    fn host(&self) -> Host {
        let var = |name| self.context.var(name);
        match (var("IDENTITY_ENDPOINT"), var("MSI_ENDPOINT")) {
            (Some(_), _) if var("IDENTITY_HEADER").is_some() => {
                match var("IDENTITY_SERVER_THUMBPRINT") {
                    Some(_) => Host::Unsupported(
                        "the identity of a Service Fabric cluster is not supported",
                    ),
                    None => Host::AppService,
                }
            }
            (Some(_), _) if var("IMDS_ENDPOINT").is_some() => {
                Host::Unsupported("the identity of an Azure Arc machine is not supported")
            }
            (Some(_), _) => Host::Unsupported("IDENTITY_ENDPOINT is set without IDENTITY_HEADER"),
            (None, Some(endpoint)) => match var("MSI_SECRET") {
                Some(secret) => Host::AzureMl { endpoint, secret },
                None => Host::Unsupported(
                    "the identity of the Cloud Shell is not supported; az is signed in there",
                ),
            },
            (None, None) => Host::Imds,
        }
    }

    /// One request without the header that the service insists on: Azure's answers 400, other clouds have none there.
    async fn probe(&self) -> Result<(), Setback> {
        let client = transport::direct_client().map_err(|e| stopped_by(&e))?;
        let answer = tokio::time::timeout(PROBE, client.get(&self.probe_at).send()).await;
        match answer {
            Ok(Ok(answer)) if !matches!(answer.status().as_u16(), 401 | 403 | 404) => Ok(()),
            Ok(Ok(answer)) => Err(Setback::absent(format!(
                "the machine's metadata service answered {}, so it is not Azure's",
                answer.status()
            ))),
            Ok(Err(_)) => Err(Setback::absent(
                "no metadata service can be reached, so this is no Azure machine",
            )),
            Err(_) => Err(Setback::absent(
                "no metadata service answered within 1 s, so this is no Azure machine",
            )),
        }
    }
}

#[async_trait]
impl Source for ManagedIdentity {
    fn name(&self) -> &'static str {
        "managed identity"
    }

    /// A metadata service that restarts is waited for, for up to 72 s by its own rules.
    fn limit(&self) -> Duration {
        Duration::from_secs(90)
    }

    async fn acquire(&self, scope: &str) -> Result<Token, Setback> {
        let context = &self.context;
        match self.host() {
            Host::Unsupported(why) => return Err(Setback::absent(why)),
            Host::AzureMl { endpoint, secret } => {
                let endpoint = Url::parse(&endpoint)
                    .map_err(|_| Setback::stop("MSI_ENDPOINT is not an address", NEXT))?;
                let client_id = context
                    .var("AZURE_CLIENT_ID")
                    .or_else(|| context.var("DEFAULT_IDENTITY_CLIENT_ID"));
                return aml_msi::token(context, endpoint, &secret, client_id.as_deref(), scope)
                    .await;
            }
            Host::AppService => {}
            Host::Imds => self.probe().await?,
        }
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: context.var("AZURE_CLIENT_ID").map(UserAssignedId::ClientId),
            client_options: direct_options()?,
        };
        let credential = ManagedIdentityCredential::new(Some(options))
            .map_err(|error| context.stopped(&error, NEXT))?;
        let scopes = [scope];
        match azure_core::credentials::TokenCredential::get_token(&*credential, &scopes, None).await
        {
            Ok(token) => Ok(token_of(&token)),
            // 400 means that this machine has no such identity, which is the usual state of one where people use az.
            Err(error) if status_of(&error) == Some(400) => {
                Err(Setback::absent(match context.var("AZURE_CLIENT_ID") {
                    Some(_) => "this machine does not have the identity that AZURE_CLIENT_ID names",
                    None => "this machine has no identity of its own",
                }))
            }
            Err(error) => Err(context.stopped(&error, NEXT)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::access::tests::{env, serve};
    use crate::wire::cloud::Cloud;

    fn identity(vars: &[(&str, &str)], probe_at: &str) -> ManagedIdentity {
        let context = Context::new(&Cloud::public(), env(vars)).expect("a context");
        ManagedIdentity {
            context,
            probe_at: probe_at.to_owned(),
        }
    }

    #[test]
    fn the_environment_tells_the_host() {
        let ml = Host::AzureMl {
            endpoint: "m".to_owned(),
            secret: "s".to_owned(),
        };
        let table: [(&[(&str, &str)], &str); 6] = [
            (
                &[("IDENTITY_ENDPOINT", "e"), ("IDENTITY_HEADER", "h")],
                "AppService",
            ),
            (
                &[
                    ("IDENTITY_ENDPOINT", "e"),
                    ("IDENTITY_HEADER", "h"),
                    ("MSI_ENDPOINT", "m"),
                    ("MSI_SECRET", "s"),
                ],
                "AppService",
            ),
            (
                &[
                    ("IDENTITY_ENDPOINT", "e"),
                    ("IDENTITY_HEADER", "h"),
                    ("IDENTITY_SERVER_THUMBPRINT", "t"),
                ],
                "Service Fabric",
            ),
            (&[("IDENTITY_ENDPOINT", "e"), ("IMDS_ENDPOINT", "i")], "Arc"),
            (&[("MSI_ENDPOINT", "m")], "Cloud Shell"),
            (&[], "Imds"),
        ];
        for (vars, expected) in table {
            let host = format!("{:?}", identity(vars, IMDS).host());
            assert!(host.contains(expected), "{vars:?} gave {host}");
        }
        assert_eq!(
            identity(&[("MSI_ENDPOINT", "m"), ("MSI_SECRET", "s")], IMDS).host(),
            ml
        );
    }

    #[tokio::test]
    async fn without_a_metadata_service_the_next_credential_is_tried_soon() {
        let started = std::time::Instant::now();
        let absent = identity(&[], "http://127.0.0.1:1/")
            .acquire("https://x/.default")
            .await;
        assert!(matches!(absent, Err(Setback::Absent(_))), "{absent:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_silent_or_foreign_metadata_service_is_none() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = format!("http://{}/", silent.local_addr().expect("an address"));
        let absent = identity(&[], &address).probe().await;
        assert!(
            matches!(&absent, Err(Setback::Absent(why)) if why.contains("1 s")),
            "{absent:?}"
        );
        for (status, is_azure) in [
            (400, true),
            (404, false),
            (401, false),
            (403, false),
            (429, true),
        ] {
            let server = serve(status, "{}").await;
            assert_eq!(
                identity(&[], &server.address).probe().await.is_ok(),
                is_azure,
                "{status}"
            );
        }
    }
}
