//! Credentials that exchange a token of another system for one of Azure's: Kubernetes pods and Azure Pipelines jobs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::Secret as CoreSecret;
use azure_identity::{
    AzurePipelinesCredential, AzurePipelinesCredentialOptions, ClientAssertionCredentialOptions,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::Token;
use super::chain::Source;
use super::error::Setback;
use super::service::Context;

const LIMIT: Duration = Duration::from_secs(60);

pub(super) struct WorkloadIdentity(pub(super) Arc<Context>);

#[async_trait]
impl Source for WorkloadIdentity {
    fn name(&self) -> &'static str {
        "workload identity"
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn acquire(&self, scope: &str) -> Result<Token, Setback> {
        const NEXT: &str =
            "Check the pod's service account and the federated credential of the identity.";
        const NEEDED: [&str; 3] = [
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_ID",
        ];
        let context = &self.0;
        let [Some(file), Some(tenant), Some(client)] = NEEDED.map(|name| context.var(name)) else {
            return Err(Setback::absent(format!(
                "{} not set",
                context.missing(&NEEDED).join(" and ")
            )));
        };
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: context.authority_options()?,
            },
            client_id: Some(client),
            tenant_id: Some(tenant),
            token_file_path: Some(file.into()),
        };
        let credential = WorkloadIdentityCredential::new(Some(options))
            .map_err(|error| context.stopped(&error, NEXT))?;
        context.ask(&*credential, scope, NEXT).await
    }
}

pub(super) struct AzurePipelines(pub(super) Arc<Context>);

/// The tasks of Azure Pipelines set the first name of each pair; a script of the user's own may set the second.
const TENANT: [&str; 2] = ["AZURESUBSCRIPTION_TENANT_ID", "AZURE_TENANT_ID"];
const CLIENT: [&str; 2] = ["AZURESUBSCRIPTION_CLIENT_ID", "AZURE_CLIENT_ID"];
const CONNECTION: [&str; 2] = [
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURE_SERVICE_CONNECTION_ID",
];

#[async_trait]
impl Source for AzurePipelines {
    fn name(&self) -> &'static str {
        "Azure Pipelines"
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn acquire(&self, scope: &str) -> Result<Token, Setback> {
        const NEXT: &str = "Check the service connection, and that SYSTEM_ACCESSTOKEN is mapped into the step's environment.";
        let context = &self.0;
        if context.var("SYSTEM_OIDCREQUESTURI").is_none() {
            return Err(Setback::absent(
                "SYSTEM_OIDCREQUESTURI is not set, so this is no Azure Pipelines job",
            ));
        }
        let first = |names: [&str; 2]| names.iter().find_map(|name| context.var(name));
        let [Some(tenant), Some(client), Some(connection)] =
            [TENANT, CLIENT, CONNECTION].map(first)
        else {
            return Err(Setback::absent(
                "no service connection is named (AZURESUBSCRIPTION_TENANT_ID, _CLIENT_ID, _SERVICE_CONNECTION_ID)",
            ));
        };
        let Some(job_token) = context.var("SYSTEM_ACCESSTOKEN") else {
            return Err(Setback::absent(
                "SYSTEM_ACCESSTOKEN is not mapped into the step's environment",
            ));
        };
        let options = AzurePipelinesCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: context.authority_options()?,
            },
        };
        let credential = AzurePipelinesCredential::new(
            tenant,
            client,
            &connection,
            CoreSecret::new(job_token),
            Some(options),
        )
        .map_err(|error| context.stopped(&error, NEXT))?;
        context.ask(&*credential, scope, NEXT).await
    }
}
