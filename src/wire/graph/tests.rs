//! Addresses and answers.

mod service;

use serde_json::json;

use super::*;
use crate::wire::cloud::Cloud;

pub(super) const ID: &str = "5c1d0a2e-0000-4000-8000-000000000001";

fn base() -> Url {
    Url::parse("https://graph.microsoft.com/").expect("url")
}

/// The filter of an address, as the service reads it.
fn filter(url: &Url) -> String {
    url.query_pairs()
        .find(|(name, _)| name == "$filter")
        .map(|(_, value)| value.into_owned())
        .expect("a filter")
}

#[test]
fn a_name_can_break_neither_the_path_nor_the_filter() {
    let guest = address::user(&base(), "sam_outlook.example#EXT#@contoso.com");
    assert_eq!(
        guest.path(),
        "/v1.0/users/sam_outlook.example%23EXT%23%40contoso.com"
    );
    assert_eq!(guest.fragment(), None);
    let odd = address::user(&base(), "a/b?c=d&e@contoso.com");
    assert_eq!(odd.path(), "/v1.0/users/a%2Fb%3Fc%3Dd%26e%40contoso.com");
    assert!(odd.query().expect("a query").starts_with("$select=id,"));
    assert!(!address::is_a_segment("$ada@contoso.com"));

    let url = address::users_at(&base(), "o'connor' or id ne '&$top=9@contoso.com");
    assert_eq!(url.path(), "/v1.0/users");
    let quoted = "'o''connor'' or id ne ''&$top=9@contoso.com'";
    assert_eq!(
        filter(&url),
        format!(
            "userPrincipalName eq {quoted} or mail eq {quoted} or proxyAddresses/any(p:p eq 'smtp:{}) or otherMails/any(o:o eq {quoted})",
            &quoted[1..]
        )
    );
    let names: Vec<String> = url
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["$filter", "$count", "$select"]);
}

#[test]
fn deleted_users_are_found_by_the_end_of_their_name_and_by_id() {
    let url = address::deleted_users_at(&base(), "ada@contoso.com");
    assert_eq!(
        url.path(),
        "/v1.0/directory/deletedItems/microsoft.graph.user"
    );
    assert!(filter(&url).starts_with("endsWith(userPrincipalName,'ada@contoso.com') or mail eq"));
    assert_eq!(
        filter(&address::deleted_user(&base(), ID)),
        format!("id eq '{ID}'")
    );
}

#[test]
fn the_next_page_is_of_the_same_list_at_the_same_host() {
    let first = address::users_at(&base(), "ada@contoso.com");
    for link in [
        "https://graph.microsoft.com/v1.0/users?$skiptoken=x",
        "https://graph.microsoft.com:443/v1.0/Users?$skiptoken=x",
        "/v1.0/users?$skiptoken=x",
    ] {
        assert!(address::next(&first, link).is_some(), "{link}");
    }
    for link in [
        "https://graph.microsoft.us/v1.0/users?$skiptoken=x",
        "http://graph.microsoft.com/v1.0/users?$skiptoken=x",
        "https://graph.microsoft.com:444/v1.0/users",
        "https://graph.microsoft.com/v1.0/users/ada/messages",
        "https://graph.microsoft.com/v1.0/groups",
        "https://a:b@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
        "//evil.example/v1.0/users",
        "https://[",
    ] {
        assert!(address::next(&first, link).is_none(), "{link}");
    }
}

#[test]
fn addresses_are_the_ones_of_mail_and_each_once() {
    let entry = entry::read(&json!({
        "id": ID, "displayName": " Ada Lindqvist ", "userPrincipalName": "ada@contoso.com", "mail": "Ada@Contoso.com",
        "otherMails": ["ada@home.example", "", 7],
        "proxyAddresses": ["SMTP:ada@contoso.com", "smtp:ada.berg@contoso.com", "SIP:ada@voice.example", "X500:/o=Contoso/cn=ada", "eum:1"],
    }))
    .expect("a user");
    assert_eq!(
        entry.addresses,
        [
            "ada@contoso.com",
            "ada.berg@contoso.com",
            "ada@home.example"
        ]
    );
    assert_eq!(entry.display_name.as_deref(), Some("Ada Lindqvist"));
    assert!(entry.complete && entry.goes_by("ADA.Berg@contoso.com"));
    assert!(!entry.goes_by("ada@voice.example") && !entry.goes_by("berg@contoso.com"));
}

#[test]
fn who_is_deleted_goes_by_the_old_name() {
    let hex = ID.replace('-', "");
    let read = |name: String| {
        entry::read(&json!({"id": ID, "userPrincipalName": name}))
            .expect("a user")
            .addresses
    };
    assert_eq!(read(format!("{hex}ada@contoso.com")), ["ada@contoso.com"]);
    assert_eq!(
        read(format!("{}joada@contoso.com", hex.to_uppercase())),
        ["joada@contoso.com"]
    );
    assert_eq!(read(hex.clone()), [hex]);
    assert_eq!(read("ada@contoso.com".into()), ["ada@contoso.com"]);
}

#[test]
fn what_a_small_permission_leaves_out_is_noticed() {
    let with = |proxies: Value| {
        entry::read(&json!({"id": ID, "proxyAddresses": proxies})).map(|entry| entry.complete)
    };
    assert_eq!(with(json!([])), Ok(true));
    assert_eq!(with(Value::Null), Ok(false));
    assert!(entry::read(&json!({"displayName": "Ada"})).is_err());
}

#[test]
fn the_directory_of_each_cloud() {
    for (cloud, scope, address) in [
        (
            Cloud::public(),
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com/v1.0/users",
        ),
        (
            Cloud::china(),
            "https://microsoftgraph.chinacloudapi.cn/.default",
            "https://microsoftgraph.chinacloudapi.cn/v1.0/users",
        ),
        (
            Cloud::us_government(),
            "https://graph.microsoft.us/.default",
            "https://graph.microsoft.us/v1.0/users",
        ),
        (
            Cloud::at_arm_endpoint("http://127.0.0.1:9").expect("loopback"),
            "http://127.0.0.1:9/graph/.default",
            "http://127.0.0.1:9/graph/v1.0/users",
        ),
    ] {
        assert_eq!(cloud.graph_scope().as_deref(), Some(scope));
        let url = Url::parse(address).expect("url");
        assert!(cloud.is_graph(&url) && !cloud.allows(&url), "{address}");
        assert!(!cloud.is_graph(&cloud.arm) && cloud.allows(&cloud.arm));
    }
    let strange = Cloud::at_arm_endpoint("https://arm.hub.example").expect("strange");
    assert_eq!(strange.graph_scope(), None);
    let public = Cloud::public();
    for address in [
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:444/v1.0/users",
        "https://graph.microsoft.com.evil.example/v1.0/users",
        "https://a@graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.us/v1.0/users",
    ] {
        let url = Url::parse(address).expect("url");
        assert!(!public.is_graph(&url) && !public.allows(&url), "{address}");
    }
}
