//! A service principal named by environment variables, with a secret or a certificate.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::Secret as CoreSecret;
use azure_identity::{
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions,
};

use super::Token;
use super::certificate::Certificate;
use super::chain::Source;
use super::error::Setback;
use super::service::Context;

const NEXT: &str = "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate, or unset them to sign in another way.";

pub(super) struct FromEnvironment(pub(super) Arc<Context>);

#[async_trait]
impl Source for FromEnvironment {
    fn name(&self) -> &'static str {
        "environment (service principal)"
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn acquire(&self, scope: &str) -> Result<Token, Setback> {
        let context = &self.0;
        let secret = context.var("AZURE_CLIENT_SECRET");
        let certificate = context.var("AZURE_CLIENT_CERTIFICATE_PATH");
        if secret.is_none() && certificate.is_none() {
            if context.var("AZURE_USERNAME").is_some() && context.var("AZURE_PASSWORD").is_some() {
                return Err(Setback::absent(
                    "AZURE_USERNAME and AZURE_PASSWORD are set, but signing in with a password is not supported",
                ));
            }
            return Err(Setback::absent(
                "AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are not set",
            ));
        }
        let (Some(tenant), Some(client)) = (
            context.var("AZURE_TENANT_ID"),
            context.var("AZURE_CLIENT_ID"),
        ) else {
            let missing = context
                .missing(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID"])
                .join(" and ");
            return Err(Setback::absent(format!("{missing} not set")));
        };
        let client_options = context.authority_options()?;
        if let Some(secret) = secret {
            let options = ClientSecretCredentialOptions { client_options };
            let credential = ClientSecretCredential::new(
                &tenant,
                client,
                CoreSecret::new(secret),
                Some(options),
            )
            .map_err(|error| context.stopped(&error, NEXT))?;
            return context.ask(&*credential, scope, NEXT).await;
        }
        let assertion = Certificate::read(
            context,
            certificate.unwrap_or_default().as_ref(),
            &tenant,
            &client,
        )?;
        let options = ClientAssertionCredentialOptions { client_options };
        let credential = ClientAssertionCredential::new(tenant, client, assertion, Some(options))
            .map_err(|error| context.stopped(&error, NEXT))?;
        context.ask(&*credential, scope, NEXT).await
    }
}
