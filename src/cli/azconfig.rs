//! What the Azure CLI keeps on this machine: the defaults of `az config`, and the subscription that is in use.
//!
//! These files are other programs' own. What is missing or cannot be read there is simply no default: the user may not
//! use that program at all.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Far above the size of any such file, and far below what would hurt.
const LIMIT_BYTES: u64 = 8 << 20;

/// Where the Azure CLI keeps its files.
pub(super) fn directory(
    env: &dyn Fn(&str) -> Option<String>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    match env("AZURE_CONFIG_DIR").filter(|value| !value.trim().is_empty()) {
        Some(dir) => Some(PathBuf::from(dir)),
        None => home.map(|home| home.join(".azure")),
    }
}

/// A file of text, without the byte order mark that the Azure CLI writes before some of them.
pub(super) fn read(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?
        .len();
    if size > LIMIT_BYTES {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    String::from_utf8(bytes.to_vec()).ok()
}

/// One value of the CLI's `config` file, an INI file as Python reads it.
pub(super) fn value(ini: &str, section: &str, key: &str) -> Option<String> {
    let mut inside = false;
    let mut found = None;
    for line in ini.lines() {
        let text = line.trim();
        if let Some(name) = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            // Section names are letter by letter in Python; the CLI writes these in lower case.
            inside = name.trim() == section;
        } else if inside
            && !text.starts_with(['#', ';'])
            && let Some((name, value)) = text.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
    }
    found
}

/// The cloud that the user's other tools work with, and where that is set. An option of the command line comes before it.
pub fn cloud_in_use(
    env: &dyn Fn(&str) -> Option<String>,
    home: Option<&Path>,
) -> Option<(String, String)> {
    for name in ["AZUREML_CURRENT_CLOUD", "AZURE_CLOUD"] {
        if let Some(value) = env(name).filter(|value| !value.trim().is_empty()) {
            return Some((value.trim().to_owned(), format!("variable {name}")));
        }
    }
    let config = directory(env, home)?.join("config");
    let value = value(&read(&config)?, "cloud", "name")?;
    Some((value, format!("az cloud in use, {}", config.display())))
}

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    subscriptions: Vec<Subscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    id: String,
    #[serde(default)]
    is_default: bool,
    environment_name: Option<String>,
}

/// The subscription in use, of `azureProfile.json`. The CLI keeps one a cloud, so that the cloud in use decides.
pub(super) fn subscription_in_use(profile: &str, cloud: &str) -> Option<String> {
    let profile: Profile = serde_json::from_str(profile).ok()?;
    profile
        .subscriptions
        .into_iter()
        .find(|s| {
            s.is_default
                && s.environment_name
                    .as_deref()
                    .is_none_or(|name| name.eq_ignore_ascii_case(cloud))
        })
        .map(|s| s.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ini_file_is_read_as_python_reads_it() {
        let ini = "[core]\ngroup = wrong\n\n[defaults]\n# group = commented\n; group = too\nGroup = rg one \nworkspace: ws\nlocation=\n[cloud]\nname = AzureChinaCloud\n";
        assert_eq!(value(ini, "defaults", "group").as_deref(), Some("rg one"));
        assert_eq!(value(ini, "defaults", "workspace").as_deref(), Some("ws"));
        assert_eq!(value(ini, "defaults", "location"), None);
        assert_eq!(
            value(ini, "cloud", "name").as_deref(),
            Some("AzureChinaCloud")
        );
        assert_eq!(value("", "defaults", "group"), None);
    }

    #[test]
    fn the_cloud_in_use_is_that_of_the_other_tools() {
        let home = tempfile::tempdir().expect("a directory");
        assert_eq!(cloud_in_use(&|_| None, Some(home.path())), None);
        std::fs::create_dir(home.path().join(".azure")).expect("a directory");
        std::fs::write(
            home.path().join(".azure/config"),
            "[cloud]\nname = AzureChinaCloud\n",
        )
        .expect("a file");
        assert_eq!(
            cloud_in_use(&|_| None, Some(home.path()))
                .expect("a cloud")
                .0,
            "AzureChinaCloud"
        );
        let env =
            |name: &str| (name == "AZUREML_CURRENT_CLOUD").then(|| "AzureUSGovernment".to_owned());
        assert_eq!(
            cloud_in_use(&env, Some(home.path())).expect("a cloud").0,
            "AzureUSGovernment"
        );
    }

    #[test]
    fn the_subscription_in_use_is_that_of_the_cloud_in_use() {
        let profile = r#"{"subscriptions":[{"id":"a","isDefault":false},{"id":"b","isDefault":true,"environmentName":"AzureChinaCloud"},
            {"id":"c","isDefault":true,"environmentName":"AzureCloud"}]}"#;
        assert_eq!(
            subscription_in_use(profile, "AzureCloud").as_deref(),
            Some("c")
        );
        assert_eq!(
            subscription_in_use(profile, "AzureChinaCloud").as_deref(),
            Some("b")
        );
        assert_eq!(subscription_in_use(profile, "AzureUSGovernment"), None);
        assert_eq!(subscription_in_use("not json", "AzureCloud"), None);
    }
}
