use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).expect(text)
}

#[test]
fn a_token_goes_to_the_hosts_of_its_own_cloud() {
    let table = [
        (
            Cloud::public(),
            "https://management.azure.com/subscriptions",
        ),
        (
            Cloud::public(),
            "https://MANAGEMENT.azure.com:443/subscriptions?api-version=1",
        ),
        (
            Cloud::public(),
            "https://westeurope.api.azureml.ms/history/v1.0",
        ),
        (
            Cloud::public(),
            "https://0a1b.workspace.eastus.api.azureml.ms/history",
        ),
        (
            Cloud::public(),
            "https://eastus.experiments.azureml.net/history",
        ),
        (
            Cloud::public(),
            "https://eastus.modelmanagement.azureml.net/",
        ),
        (Cloud::public(), "https://eastus.aether.ms/api"),
        (Cloud::public(), "https://eastus.studioservice.azureml.com/"),
        (Cloud::china(), "https://management.chinacloudapi.cn/"),
        (Cloud::china(), "https://chinaeast2.api.ml.azure.cn/"),
        (
            Cloud::us_government(),
            "https://usgovvirginia.api.ml.azure.us/",
        ),
    ];
    for (cloud, address) in table {
        assert!(cloud.allows(&url(address)), "{} {address}", cloud.name);
    }
}

#[test]
fn a_token_goes_nowhere_else() {
    let cloud = Cloud::public();
    for address in [
        "http://management.azure.com/",
        "https://management.azure.com:8443/",
        "https://management.azure.com.evil.example/",
        "https://evil-management.azure.com/",
        "https://x.management.azure.com/",
        "https://management.azure.com./",
        "https://management.azure.com@evil.example/",
        "https://user@management.azure.com/",
        "https://user:pass@eastus.api.azureml.ms/",
        "https://:pass@eastus.api.azureml.ms/",
        "https://evilazureml.ms/",
        "https://azureml.ms.evil.example/",
        "https://.azureml.ms/",
        "https://eastus.api.azureml.ms:8443/",
        "http://eastus.api.azureml.ms/",
        "ftp://eastus.api.azureml.ms/",
        "file:///eastus.api.azureml.ms/",
        "data:text/plain,eastus.api.azureml.ms",
        "https://eastus.api.ml.azure.cn/",
        "https://management.chinacloudapi.cn/",
        "https://account.blob.core.windows.net/",
        "https://azureml.net/",
        "https://evil.azureml.net/",
        "https://20.42.1.7/",
        "https://0x14.42.1.7/",
        "https://2130706433/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/metadata",
        "https://mine.eastus.instances.azureml.ms/",
        "https://mine.eastus.inference.ml.azure.com/",
        "https://eastus.api.azureml.ms\\@evil.example/",
        "https://evil.example\\.azureml.ms/",
        "https://evil.example#.azureml.ms",
        "https://evil.example?.azureml.ms",
        "https://аzureml.ms/",
    ] {
        // What the parser refuses can be sent nowhere either.
        if let Ok(parsed) = Url::parse(address) {
            // A backslash is a slash to every browser and to this parser: the host ends there.
            if parsed.host_str() == Some("eastus.api.azureml.ms") && parsed.path().starts_with("/@")
            {
                continue;
            }
            assert!(!cloud.allows(&parsed), "{address} parsed as {parsed}");
        }
    }
    assert!(!Cloud::china().allows(&url("https://mine.chinaeast2.inference.ml.azure.cn/")));
}

#[test]
fn an_emulator_gets_loopback_and_nothing_else() {
    let cloud = Cloud::at_arm_endpoint("http://127.0.0.1:4242").expect("loopback");
    assert!(cloud.loopback);
    assert_eq!(cloud.arm.as_str(), "http://127.0.0.1:4242/");
    for address in [
        "http://127.0.0.1:4242/x",
        "http://127.0.0.1:1/x",
        "http://[::1]:9/",
        "http://localhost:80/",
        "https://localhost/",
    ] {
        assert!(cloud.allows(&url(address)), "{address}");
    }
    for address in [
        "https://management.azure.com/",
        "http://localhost.evil.example/",
        "http://evil.localhost/",
        "http://127.0.0.1.evil.example/",
        "http://user@127.0.0.1/",
        "http://128.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "ftp://127.0.0.1/",
    ] {
        assert!(!cloud.allows(&url(address)), "{address}");
    }
}

#[test]
fn an_endpoint_is_https_or_on_this_machine() {
    for bad in [
        "http://management.azure.com",
        "http://10.0.0.4:80",
        "http://localhost.evil.example",
        "https://me:pw@management.azure.com",
        "https://x.example/?a=b",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "management.azure.com",
        "",
    ] {
        let error = Cloud::at_arm_endpoint(bad).expect_err(bad).to_string();
        assert!(
            error.contains("Give an https address") && !error.contains("pw"),
            "{error}"
        );
    }
}

#[test]
fn a_known_or_regional_endpoint_keeps_its_cloud_and_a_strange_one_its_own_audience() {
    let regional =
        Cloud::at_arm_endpoint("https://westeurope.management.azure.com").expect("regional");
    assert_eq!(regional.name, "AzureCloud");
    assert_eq!(
        regional.arm_scope(),
        "https://management.azure.com/.default"
    );
    assert!(regional.allows(&url("https://westeurope.management.azure.com/x")));
    let strange = Cloud::at_arm_endpoint("https://arm.hub.example").expect("strange");
    assert_eq!(strange.arm_scope(), "https://arm.hub.example/.default");
    assert!(!strange.allows(&url("https://management.azure.com/")));
    assert!(!strange.allows(&url("https://eastus.api.azureml.ms/")));
}

#[test]
fn scopes_and_names() {
    assert_eq!(
        Cloud::public().arm_scope(),
        "https://management.azure.com/.default"
    );
    assert_eq!(
        Cloud::public().ml_scope().as_deref(),
        Some("https://ml.azure.com/.default")
    );
    assert_eq!(
        scope_of("https://management.core.windows.net/"),
        "https://management.core.windows.net//.default"
    );
    for (name, found) in [
        ("azurecloud", "AzureCloud"),
        ("china", "AzureChinaCloud"),
        ("AzureUSGovernment", "AzureUSGovernment"),
    ] {
        assert_eq!(Cloud::named(name).expect(name).name, found);
    }
    assert!(
        Cloud::named("mars")
            .expect_err("unknown")
            .to_string()
            .contains("AzureChinaCloud")
    );
}

fn metadata_file(text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("clouds.json");
    std::fs::write(&path, text).expect("a file");
    let address = Url::from_file_path(&path)
        .expect("an absolute path")
        .to_string();
    (dir, address)
}

const HUB: &str = r#"{"name":"Hub","portal":"https://portal.azure.hub.example/","resourceManager":"https://management.hub.example/",
    "authentication":{"loginEndpoint":"https://login.hub.example/","audiences":["https://management.core.hub.example/"],"tenant":"common"},
    "suffixes":{"storage":"core.hub.example"}}"#;

#[tokio::test]
async fn metadata_names_a_cloud_of_its_own() {
    let (_dir, address) = metadata_file(&format!("\u{feff}[{HUB}]"));
    let cloud = Cloud::from_metadata(&address, Some("hub"))
        .await
        .expect("the hub");
    assert_eq!(cloud.name, "Hub");
    assert_eq!(cloud.authority.as_str(), "https://login.hub.example/");
    assert_eq!(
        cloud.arm_scope(),
        "https://management.core.hub.example//.default"
    );
    assert_eq!(
        cloud.ml_scope().as_deref(),
        Some("https://ml.azure.hub.example/.default")
    );
    assert_eq!(cloud.storage_suffix, "core.hub.example");
    assert!(cloud.allows(&url("https://r1.api.ml.azure.hub.example/history")));
    assert!(!cloud.allows(&url("https://eastus.api.azureml.ms/history")));
    // One entry alone, outside a list, is what older clouds answer.
    let (_dir, address) = metadata_file(HUB);
    assert_eq!(
        Cloud::from_metadata(&address, None)
            .await
            .expect("the hub")
            .name,
        "Hub"
    );
}

#[tokio::test]
async fn metadata_may_describe_an_emulator() {
    let entry = r#"[{"name":"AzureCloud","resourceManager":"http://127.0.0.1:9/","authentication":{"loginEndpoint":"http://127.0.0.1:9/",
        "audiences":["https://management.core.windows.net/"]}}]"#;
    let (_dir, address) = metadata_file(entry);
    let cloud = Cloud::from_metadata(&address, None)
        .await
        .expect("the emulator");
    assert!(cloud.loopback && cloud.allows(&url("http://127.0.0.1:9/x")));
    assert!(!cloud.allows(&url("https://eastus.api.azureml.ms/")));
    assert_eq!(cloud.arm_scope(), "http://127.0.0.1:9/.default");
}

#[tokio::test]
async fn metadata_may_name_the_directory() {
    let with = |graph: &str| {
        HUB.replace(
            "\"portal\"",
            &format!("\"microsoftGraphResourceId\":\"{graph}\",\"portal\""),
        )
    };
    for (address, scope) in [
        (
            "https://graph.hub.example",
            Some("https://graph.hub.example/.default"),
        ),
        (
            "https://graph.hub.example/",
            Some("https://graph.hub.example/.default"),
        ),
        ("", None),
    ] {
        let (_dir, from) = metadata_file(&with(address));
        let cloud = Cloud::from_metadata(&from, None).await.expect("the hub");
        assert_eq!(cloud.graph_scope().as_deref(), scope, "{address}");
    }
    for bad in [
        "http://graph.hub.example/",
        "https://a:b@graph.hub.example/",
        "https://graph.hub.example/?a=b",
        "https://127.0.0.1/",
        "https://management.hub.example/",
        "graph",
    ] {
        let (_dir, from) = metadata_file(&with(bad));
        let error = Cloud::from_metadata(&from, None).await.expect_err(bad);
        assert!(
            error.to_string().contains("microsoftGraphResourceId"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn bad_metadata_says_what_to_do() {
    let several = format!("[{HUB},{}]", HUB.replace("Hub", "Other"));
    for (text, name, expected) in [
        ("[]", None, "no cloud"),
        ("not json", None, "not a metadata document"),
        ("[{\"name\":\"x\"}]", None, "resourceManager"),
        (several.as_str(), None, "has to be named"),
        (HUB, Some("mars"), "no cloud named"),
        (
            &HUB.replace("https://management.hub", "http://management.hub"),
            None,
            "in the clear",
        ),
        (
            &HUB.replace("https://login", "http://login"),
            None,
            "loginEndpoint",
        ),
    ] {
        let (_dir, address) = metadata_file(text);
        let error = Cloud::from_metadata(&address, name)
            .await
            .expect_err(text)
            .to_string();
        assert!(
            error.contains(expected) && error.contains("name the cloud"),
            "{error}"
        );
    }
    for address in [
        "http://metadata.example/",
        "ftp://127.0.0.1/",
        "nowhere",
        "https://a:b@metadata.example/",
    ] {
        assert!(
            Cloud::from_metadata(address, None).await.is_err(),
            "{address}"
        );
    }
}
