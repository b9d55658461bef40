//! The shapes that Azure gives to ids and names. Nothing else gets into an address.

use super::ScopeError;
use super::sources::Found;

pub(super) fn subscription(found: &Found) -> Result<String, ScopeError> {
    check(
        found,
        is_guid,
        "the id of a subscription (a GUID; az account list --output table shows it)",
    )
}

pub(super) fn resource_group(found: &Found) -> Result<String, ScopeError> {
    check(
        found,
        is_group,
        "the name of a resource group (up to 90 letters, digits, dots, hyphens, underscores and parentheses, no dot at the end)",
    )
}

pub(super) fn workspace(found: &Found) -> Result<String, ScopeError> {
    check(
        found,
        is_workspace,
        "the name of a workspace (2 to 33 letters, digits, hyphens and underscores, a letter or digit first)",
    )
}

pub(super) fn registry(found: &Found) -> Result<String, ScopeError> {
    check(
        found,
        |text| text.len() > 2 && is_workspace(text),
        "the name of a registry (3 to 33 letters, digits, hyphens and underscores, a letter or digit first)",
    )
}

pub(super) fn management_group(found: &Found) -> Result<String, ScopeError> {
    check(
        found,
        is_management_group,
        "the name of a management group (up to 90 letters, digits, dots, hyphens, underscores and parentheses, no dot at the end; az account management-group list shows it)",
    )
}

/// Takes a whole ARM id apart. Its fixed words differ in letter case from service to service.
pub(super) fn workspace_id(id: &str) -> Result<[String; 3], ScopeError> {
    const EXPECTED: &str = "the ARM id of a workspace (/subscriptions/ID/resourceGroups/NAME/providers/Microsoft.MachineLearningServices/workspaces/NAME)";
    let parts: Vec<&str> = id
        .trim()
        .strip_suffix('/')
        .unwrap_or(id.trim())
        .split('/')
        .collect();
    let [
        "",
        subscriptions,
        s,
        groups,
        g,
        providers,
        provider,
        workspaces,
        w,
    ] = parts[..]
    else {
        return Err(invalid(id, "--workspace-id", EXPECTED));
    };
    let words = [
        (subscriptions, "subscriptions"),
        (groups, "resourceGroups"),
        (providers, "providers"),
        (provider, "Microsoft.MachineLearningServices"),
        (workspaces, "workspaces"),
    ];
    if !words
        .iter()
        .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
    {
        return Err(invalid(id, "--workspace-id", EXPECTED));
    }
    let found = |value: &str| Found {
        value: value.to_owned(),
        origin: "--workspace-id".to_owned(),
    };
    Ok([
        subscription(&found(s))?,
        resource_group(&found(g))?,
        workspace(&found(w))?,
    ])
}

fn check(
    found: &Found,
    test: fn(&str) -> bool,
    expected: &'static str,
) -> Result<String, ScopeError> {
    let value = found.value.trim();
    if test(value) {
        Ok(value.to_owned())
    } else {
        Err(invalid(value, &found.origin, expected))
    }
}

fn invalid(value: &str, origin: &str, expected: &'static str) -> ScopeError {
    let value = value
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    ScopeError::Invalid {
        value,
        origin: origin.to_owned(),
        expected,
    }
}

fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

fn is_group(text: &str) -> bool {
    // Azure takes the letters of every script here; the address is percent-encoded where it is built.
    let length = text.chars().count();
    (1..=90).contains(&length)
        && !text.ends_with('.')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "._-()".contains(c))
}

/// The same characters as in the name of a resource group, but of the letters only those of ASCII.
fn is_management_group(text: &str) -> bool {
    text.is_ascii() && is_group(text)
}

fn is_workspace(text: &str) -> bool {
    (2..=33).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "00000000-1111-2222-3333-444444444444";

    #[test]
    fn shapes_hold() {
        assert!(is_guid(GUID) && is_guid(&GUID.to_uppercase().replace('1', "A")));
        for bad in [
            "",
            "my subscription",
            "00000000111122223333444444444444",
            &GUID.replace('0', "g"),
            &format!("{GUID}/"),
            "----",
        ] {
            assert!(!is_guid(bad), "{bad}");
        }
        for good in ["rg", "a.b-c_d(e)", "gruppe-süd", "1", &"g".repeat(90)] {
            assert!(is_group(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a.",
            "a/b",
            "a b",
            "a?b",
            "a#b",
            "a%2fb",
            "a\\b",
            "a\nb",
            "a&b",
            "a;b",
            &"g".repeat(91),
        ] {
            assert!(!is_group(bad), "{bad}");
        }
        for good in ["ws", "my-workspace_1", "1a", &"w".repeat(33)] {
            assert!(is_workspace(good), "{good}");
        }
        for bad in [
            "",
            "w",
            "-ws",
            "_ws",
            "w.s",
            "w/s",
            "w s",
            "wörk",
            "..",
            &"w".repeat(34),
        ] {
            assert!(!is_workspace(bad), "{bad}");
        }
    }

    #[test]
    fn a_whole_id_is_taken_apart() {
        let id = format!(
            "/subscriptions/{GUID}/resourcegroups/rg/providers/microsoft.machinelearningservices/workspaces/ws"
        );
        for text in [id.clone(), format!(" {id}/\n")] {
            assert_eq!(workspace_id(&text).expect("an id"), [GUID, "rg", "ws"]);
        }
        for bad in [
            String::new(),
            "/".to_owned(),
            format!("/subscriptions/{GUID}"),
            id.trim_start_matches('/').to_owned(),
            format!("{id}/computes/c"),
            format!("{id}//"),
            id.replace("/rg/", "//"),
            id.replace("/ws", "/.."),
            id.replace("microsoft.machinelearningservices", "microsoft.storage"),
            format!("https://management.azure.com{id}"),
            format!("{id}?x=y"),
        ] {
            workspace_id(&bad).expect_err(&bad);
        }
    }
}
