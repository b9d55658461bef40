//! What of the published examples is exported, and what is not.

/// The group of an operation, or a single operation, and the kind that its documents are exported as.
pub(super) const KINDS: [(&str, &str); 42] = [
    ("Workspaces_Get", "workspaces"),
    ("Workspaces_ListByResourceGroup", "workspaces"),
    ("Workspaces_ListBySubscription", "workspaces"),
    ("Compute", "computes"),
    ("Jobs", "jobs"),
    ("Schedules", "schedules"),
    ("DataContainers", "data-assets"),
    ("DataVersions", "data-asset-versions"),
    ("ModelContainers", "arm-models"),
    ("ModelVersions", "arm-model-versions"),
    ("EnvironmentContainers", "arm-environments"),
    ("EnvironmentVersions", "arm-environment-versions"),
    ("ComponentContainers", "components"),
    ("ComponentVersions", "component-versions"),
    ("CodeContainers", "codes"),
    ("CodeVersions", "code-versions"),
    ("FeaturesetContainers", "feature-sets"),
    ("FeaturesetVersions", "feature-set-versions"),
    ("Features", "features"),
    ("FeaturestoreEntityContainers", "feature-store-entities"),
    (
        "FeaturestoreEntityVersions",
        "feature-store-entity-versions",
    ),
    ("OnlineEndpoints", "online-endpoints"),
    ("OnlineDeployments", "online-deployments"),
    ("BatchEndpoints", "batch-endpoints"),
    ("BatchDeployments", "batch-deployments"),
    ("ServerlessEndpoints", "serverless-endpoints"),
    ("MarketplaceSubscriptions", "marketplace-subscriptions"),
    ("WorkspaceConnections", "connections"),
    ("Datastores", "arm-datastores"),
    ("ManagedNetworkSettingsRule", "outbound-rules"),
    ("PrivateEndpointConnections", "private-endpoint-connections"),
    ("Registries", "registries"),
    ("RegistryModelContainers", "registry-models"),
    ("RegistryModelVersions", "registry-model-versions"),
    ("RegistryDataContainers", "registry-data"),
    ("RegistryDataVersions", "registry-data-versions"),
    ("RegistryEnvironmentContainers", "registry-environments"),
    (
        "RegistryEnvironmentVersions",
        "registry-environment-versions",
    ),
    ("RegistryComponentContainers", "registry-components"),
    ("RegistryComponentVersions", "registry-component-versions"),
    ("RegistryCodeContainers", "registry-codes"),
    ("RegistryCodeVersions", "registry-code-versions"),
];

/// Operations with documents that are in no bag: how many, and why. Every other published document is in a bag.
pub(super) const MISSING: [(&str, usize, &str); 8] = [
    (
        "OnlineDeployments_ListSkus",
        2,
        "which sizes a deployment may be given, the same for everybody",
    ),
    (
        "Operations_List",
        3,
        "what the provider can do, the same for everybody",
    ),
    (
        "PrivateLinkResources_List",
        1,
        "which groups of addresses the service has, the same for everybody",
    ),
    (
        "Quotas_List",
        40,
        "a limit of the subscription in a region, which is no content of a workspace",
    ),
    (
        "Usages_List",
        35,
        "a limit of the subscription in a region, which is no content of a workspace",
    ),
    (
        "VirtualMachineSizes_List",
        9,
        "what a region offers, the same for everybody",
    ),
    (
        "WorkspaceFeatures_List",
        2,
        "which features of the portal are on; nothing that anybody put there",
    ),
    (
        "Workspaces_ListOutboundNetworkDependenciesEndpoints",
        2,
        "which addresses of the service a firewall has to let through; nothing that anybody put there",
    ),
];
