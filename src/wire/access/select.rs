//! Which credentials are tried, and in which order.

use std::sync::Arc;

use super::AccessError;
use super::chain::Source;
use super::environment::FromEnvironment;
use super::federated::{AzurePipelines, WorkloadIdentity};
use super::managed::ManagedIdentity;
use super::service::Context;
use super::subprocess::CommandLine;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Environment,
    WorkloadIdentity,
    AzurePipelines,
    ManagedIdentity,
    AzureCli,
    AzureDeveloperCli,
}

use Credential as C;

/// The order that Azure's own libraries have taught.
const ALL: [Credential; 6] = [
    C::Environment,
    C::WorkloadIdentity,
    C::AzurePipelines,
    C::ManagedIdentity,
    C::AzureCli,
    C::AzureDeveloperCli,
];
/// Those for machines, and those for a person's terminal: the two groups of `AZURE_TOKEN_CREDENTIALS`.
const PROD: [Credential; 4] = [
    C::Environment,
    C::WorkloadIdentity,
    C::AzurePipelines,
    C::ManagedIdentity,
];
const DEV: [Credential; 2] = [C::AzureCli, C::AzureDeveloperCli];

/// The short name first; then what Azure's libraries call it, without the word "credential", and other habits.
const NAMES: [(Credential, &[&str]); 6] = [
    (C::Environment, &["environment", "env", "serviceprincipal"]),
    (
        C::WorkloadIdentity,
        &["workload-identity", "workloadidentity", "workload"],
    ),
    (C::AzurePipelines, &["pipelines", "azurepipelines"]),
    (
        C::ManagedIdentity,
        &["managed-identity", "managedidentity", "msi"],
    ),
    (C::AzureCli, &["cli", "azurecli", "az"]),
    (C::AzureDeveloperCli, &["azd", "azuredevelopercli"]),
];

/// All credentials, or those that `AZURE_TOKEN_CREDENTIALS` asks for. A value that nobody knows is an error, since the
/// user meant to forbid something by it.
pub(super) fn by_environment(value: Option<&str>) -> Result<Vec<Credential>, AccessError> {
    match value.map(|v| v.trim().to_ascii_lowercase()).as_deref() {
        None => Ok(ALL.to_vec()),
        Some("prod") => Ok(PROD.to_vec()),
        Some("dev") => Ok(DEV.to_vec()),
        Some(name) => find(name, " (in AZURE_TOKEN_CREDENTIALS)"),
    }
}

pub(super) fn by_name(name: &str) -> Result<Vec<Credential>, AccessError> {
    find(name, "")
}

fn find(name: &str, origin: &'static str) -> Result<Vec<Credential>, AccessError> {
    let plain = |text: &str| {
        text.to_ascii_lowercase()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
    };
    let wanted = plain(name);
    let wanted = wanted.strip_suffix("credential").unwrap_or(&wanted);
    NAMES
        .iter()
        .find(|(_, names)| names.iter().any(|known| plain(known) == wanted))
        .map(|&(credential, _)| vec![credential])
        .ok_or_else(|| AccessError::UnknownName {
            name: name.chars().filter(|c| !c.is_control()).take(80).collect(),
            origin,
            known: NAMES
                .iter()
                .map(|(_, names)| names[0])
                .collect::<Vec<_>>()
                .join(", "),
        })
}

pub(super) fn build(credentials: &[Credential], context: &Arc<Context>) -> Vec<Box<dyn Source>> {
    credentials
        .iter()
        .map(|credential| {
            let context = Arc::clone(context);
            let source: Box<dyn Source> = match credential {
                C::Environment => Box::new(FromEnvironment(context)),
                C::WorkloadIdentity => Box::new(WorkloadIdentity(context)),
                C::AzurePipelines => Box::new(AzurePipelines(context)),
                C::ManagedIdentity => Box::new(ManagedIdentity::new(context)),
                C::AzureCli => Box::new(CommandLine::az(context)),
                C::AzureDeveloperCli => Box::new(CommandLine::azd(context)),
            };
            source
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_chooses() {
        let table: [(Option<&str>, &[Credential]); 8] = [
            (None, &ALL),
            (Some("prod"), &PROD),
            (Some(" DEV "), &DEV),
            (Some("AzureCliCredential"), &[C::AzureCli]),
            (Some("azuredeveloperclicredential"), &[C::AzureDeveloperCli]),
            (Some("ManagedIdentityCredential"), &[C::ManagedIdentity]),
            (Some("EnvironmentCredential"), &[C::Environment]),
            (Some("WorkloadIdentityCredential"), &[C::WorkloadIdentity]),
        ];
        for (value, expected) in table {
            assert_eq!(by_environment(value).expect("known"), expected, "{value:?}");
        }
    }

    #[test]
    fn unknown_names_list_the_known_ones() {
        for name in ["AzurePowerShellCredential", "", "credential", "prod,dev"] {
            let error = by_environment(Some(name)).expect_err(name).to_string();
            assert!(
                error.contains("managed-identity") && error.contains("AZURE_TOKEN_CREDENTIALS"),
                "{error}"
            );
        }
        assert_eq!(
            by_name("managed_identity").expect("known"),
            [C::ManagedIdentity]
        );
        assert!(
            !by_name("nobody")
                .expect_err("unknown")
                .to_string()
                .contains("AZURE_TOKEN_CREDENTIALS")
        );
    }
}
