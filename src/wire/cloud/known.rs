//! The three clouds Microsoft runs today.
//!
//! Sources: the environment tables of `azure-ai-ml` and `azureml-core`, and the sovereign cloud parity page of the
//! product documentation; for Microsoft Graph, its page on national cloud deployments. The ML portal's own host (`ml.azure.com`) is no data plane and stays out of the lists.

use url::Url;

use super::Cloud;

struct Facts {
    name: &'static str,
    arm: &'static str,
    authority: &'static str,
    ml_audience: &'static str,
    data_suffixes: &'static [&'static str],
    storage_suffix: &'static str,
    graph: &'static str,
}

const PUBLIC: Facts = Facts {
    name: "AzureCloud",
    arm: "https://management.azure.com",
    authority: "https://login.microsoftonline.com",
    ml_audience: "https://ml.azure.com",
    data_suffixes: &[
        "api.azureml.ms",
        "azureml.ms",
        "experiments.azureml.net",
        "modelmanagement.azureml.net",
        "aether.ms",
        "studioservice.azureml.com",
    ],
    storage_suffix: "core.windows.net",
    graph: "https://graph.microsoft.com",
};

const CHINA: Facts = Facts {
    name: "AzureChinaCloud",
    arm: "https://management.chinacloudapi.cn",
    authority: "https://login.chinacloudapi.cn",
    ml_audience: "https://ml.azure.cn",
    data_suffixes: &[
        "api.ml.azure.cn",
        "experiments.ml.azure.cn",
        "modelmanagement.ml.azure.cn",
        "ml.azure.cn",
    ],
    storage_suffix: "core.chinacloudapi.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
};

const US_GOVERNMENT: Facts = Facts {
    name: "AzureUSGovernment",
    arm: "https://management.usgovcloudapi.net",
    authority: "https://login.microsoftonline.us",
    ml_audience: "https://ml.azure.us",
    data_suffixes: &[
        "api.ml.azure.us",
        "experiments.ml.azure.us",
        "modelmanagement.ml.azure.us",
        "ml.azure.us",
    ],
    storage_suffix: "core.usgovcloudapi.net",
    graph: "https://graph.microsoft.us",
};

impl Cloud {
    pub fn public() -> Self {
        PUBLIC.cloud()
    }

    pub fn china() -> Self {
        CHINA.cloud()
    }

    pub fn us_government() -> Self {
        US_GOVERNMENT.cloud()
    }
}

impl Facts {
    fn cloud(&self) -> Cloud {
        Cloud {
            name: self.name.to_owned(),
            arm: constant(self.arm),
            authority: constant(self.authority),
            arm_audience: self.arm.to_owned(),
            ml_audience: Some(self.ml_audience.to_owned()),
            data_suffixes: self
                .data_suffixes
                .iter()
                .map(|&suffix| suffix.to_owned())
                .collect(),
            storage_suffix: self.storage_suffix.to_owned(),
            graph: Some(constant(self.graph)),
            loopback: false,
        }
    }
}

fn constant(address: &str) -> Url {
    Url::parse(address)
        .expect("the addresses in this file are constants, and a test reads every one")
}
