//! The directory, as Microsoft Graph shows it.

use super::{Bench, encode};
use crate::emulator::{Options, Shape};
use serde_json::{Value, json};

async fn ids(bench: &Bench, url: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = format!("{}{url}", bench.base);
    loop {
        let page = bench.json(&next).await;
        for one in page["value"].as_array().expect("value") {
            all.push(one["id"].as_str().expect("an id").to_owned());
        }
        match page.get("@odata.nextLink") {
            Some(link) => link.as_str().expect("a link").clone_into(&mut next),
            None => return all,
        }
    }
}

async fn filtered(bench: &Bench, set: &str, filter: &str) -> Vec<String> {
    ids(
        bench,
        &format!("/graph/v1.0/{set}?$filter={}", encode(filter)),
    )
    .await
}

async fn card(bench: &Bench, key: &str) -> Value {
    let all = bench.json_list("/_emulator/people".to_owned()).await;
    all.into_iter()
        .find(|card| card["key"] == key)
        .expect("a person")
}

fn id(card: &Value) -> String {
    card["userObjectId"]
        .as_str()
        .or_else(|| card["identifiers"][0]["value"].as_str())
        .expect("an id")
        .to_owned()
}

/// Status and code.
async fn refusal(bench: &Bench, url: &str) -> (u16, String) {
    let response = bench.get(url).await;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body: Value = response.json().await.expect("json");
    let inner = &body["error"]["innerError"];
    assert_eq!(
        inner["request-id"].as_str(),
        headers["request-id"].to_str().ok()
    );
    assert!(inner["date"].is_string() && inner["client-request-id"].is_string());
    let code = body["error"]["code"].as_str().expect("a code").to_owned();
    (status, code)
}

#[tokio::test]
async fn a_user_is_found_by_id_and_by_principal_name_only() {
    let bench = Bench::new().await;
    let astrid = id(&card(&bench, "astrid").await);
    let user = bench.json(&format!("/graph/v1.0/users/{astrid}")).await;
    assert_eq!(user["userPrincipalName"], "astrid.berg@contoso.com");
    assert!(user.get("proxyAddresses").is_none(), "only when selected");
    let select = "$select=id,proxyAddresses,otherMails,onPremisesSecurityIdentifier";
    let user = bench
        .json(&format!(
            "/graph/v1.0/users/Astrid.Berg@contoso.com?{select}"
        ))
        .await;
    assert_eq!(
        user,
        json!({
            "@odata.context": format!(
                "{}/graph/v1.0/$metadata#users(id,proxyAddresses,otherMails,onPremisesSecurityIdentifier)/$entity",
                bench.base
            ),
            "id": astrid,
            "onPremisesSecurityIdentifier": null,
            "otherMails": [],
            "proxyAddresses": ["SMTP:astrid.berg@contoso.com", "smtp:astrid.nyman@contoso.com"],
        })
    );
    // Another of her addresses is no principal name.
    let former = "/graph/v1.0/users/astrid.nyman@contoso.com";
    let gone = (404, "Request_ResourceNotFound".to_owned());
    assert_eq!(refusal(&bench, former).await, gone);
    // A guest's principal name has signs in it that must be encoded.
    let guest = "sam.rivera_outlook.example#EXT#@contoso.onmicrosoft.example";
    let sam = bench
        .json(&format!(
            "/graph/v1.0/users/{}?$select=id,otherMails",
            encode(guest)
        ))
        .await;
    assert_eq!(sam["otherMails"], json!(["sam.rivera@outlook.example"]));
    let odd = "/graph/v1.0/users/x?$select=shoeSize";
    assert_eq!(refusal(&bench, odd).await.0, 400);
}

#[tokio::test]
async fn simple_filters_find_people_and_others_are_refused() {
    let bench = Bench::new().await;
    let astrid = id(&card(&bench, "astrid").await);
    let find = async |filter: &str| filtered(&bench, "users", filter).await;
    for filter in [
        "proxyAddresses/any(p:p eq 'smtp:astrid.nyman@contoso.com')",
        "mail eq 'ASTRID.BERG@contoso.com'",
        "mail eq 'nobody@contoso.com' or proxyAddresses/any(x:x eq 'smtp:astrid.nyman@contoso.com')",
        "userPrincipalName eq 'astrid.berg@contoso.com' and displayName eq 'Astrid Berg'",
        "(startsWith(mail,'astrid.'))",
        "proxyAddresses/any(p:startsWith(p,'smtp:astrid.nyman'))",
        "mail in ('a@contoso.com','astrid.berg@contoso.com')",
    ] {
        assert_eq!(find(filter).await, [astrid.as_str()], "{filter}");
    }
    let (a, b) = (card(&bench, "maria-a").await, card(&bench, "maria-b").await);
    assert_eq!(
        find("displayName eq 'Maria Garcia'").await,
        [id(&a), id(&b)]
    );
    let quoted = find("displayName eq 'Siobhán O''Connor'").await;
    assert_eq!(quoted, [id(&card(&bench, "oconnor").await)]);
    assert!(
        find("mail eq 'ingrid.solheim@contoso.com'")
            .await
            .is_empty()
    );
    for (filter, code) in [
        ("endsWith(mail,'@contoso.com')", "Request_UnsupportedQuery"),
        ("mail ne 'a'", "Request_UnsupportedQuery"),
        (
            "onPremisesSamAccountName eq 'a'",
            "Request_UnsupportedQuery",
        ),
        ("mail eq a", "BadRequest"),
        ("mail", "BadRequest"),
    ] {
        let url = format!("/graph/v1.0/users?$filter={}", encode(filter));
        assert_eq!(
            refusal(&bench, &url).await,
            (400, code.to_owned()),
            "{filter}"
        );
    }
    let advanced = bench
        .client
        .get(format!(
            "{}/graph/v1.0/users?$count=true&$filter={}",
            bench.base,
            encode("endsWith(mail,'@outlook.example')")
        ))
        .bearer_auth("token")
        .header("ConsistencyLevel", "eventual")
        .send()
        .await
        .expect("an answer");
    let page: Value = advanced.json().await.expect("json");
    assert_eq!(page["@odata.count"], 1, "{page}");
}

#[tokio::test]
async fn who_left_is_among_the_deleted_items_under_another_name() {
    let bench = Bench::new().await;
    let ingrid = id(&card(&bench, "ingrid").await);
    let gone = (404, "Request_ResourceNotFound".to_owned());
    let url = format!("/graph/v1.0/users/{ingrid}");
    assert_eq!(refusal(&bench, &url).await, gone);
    let deleted = bench
        .json(&format!("/graph/v1.0/directory/deletedItems/{ingrid}"))
        .await;
    assert_eq!(deleted["@odata.type"], "#microsoft.graph.user");
    assert!(deleted["deletedDateTime"].is_string());
    assert_eq!(
        deleted["userPrincipalName"],
        format!("{}ingrid.solheim@contoso.com", ingrid.replace('-', ""))
    );
    let set = "directory/deletedItems/microsoft.graph.user";
    let found = filtered(&bench, set, "mail eq 'ingrid.solheim@contoso.com'").await;
    assert_eq!(found, [ingrid]);
    // Without a type the items are not to be had.
    assert_eq!(
        refusal(&bench, "/graph/v1.0/directory/deletedItems")
            .await
            .0,
        400
    );
    let robot = card(&bench, "robot").await;
    let principal = bench
        .json(&format!("/graph/v1.0/servicePrincipals/{}", id(&robot)))
        .await;
    assert_eq!(principal["appId"], robot["userName"]);
    assert_eq!(principal["displayName"], "contoso-training-automation");
    let url = format!("/graph/v1.0/users/{}", id(&robot));
    assert_eq!(refusal(&bench, &url).await, gone);
}

#[tokio::test]
async fn pages_are_followed_to_their_end() {
    let bench = Bench::with(Options {
        shape: Some(Shape {
            runs: 1,
            people: Some(500),
            ..Shape::default()
        }),
        ..Options::default()
    })
    .await;
    // One in ten of the computed people left; the cast has 23 users.
    let all = ids(&bench, "/graph/v1.0/users").await;
    assert_eq!(all.len(), 450 + 23);
    let first = bench.json("/graph/v1.0/users?$select=id").await;
    assert_eq!(first["value"].as_array().map(Vec::len), Some(100));
    assert_eq!(ids(&bench, "/graph/v1.0/users?$top=47").await, all);
    let left = ids(
        &bench,
        "/graph/v1.0/directory/deletedItems/microsoft.graph.user",
    )
    .await;
    assert_eq!(left.len(), 51);
    let unsupported = (400, "Request_UnsupportedQuery".to_owned());
    for top in ["0", "1000", "many"] {
        let url = format!("/graph/v1.0/users?$top={top}");
        assert_eq!(refusal(&bench, &url).await, unsupported);
    }
    assert_eq!(
        refusal(&bench, "/graph/v1.0/users?$skiptoken=X").await.0,
        400
    );
}

#[tokio::test]
async fn permissions_may_be_missing() {
    let bench = Bench::new().await;
    let denied = (403, "Authorization_RequestDenied".to_owned());
    let allow = async |word: &str| {
        let now = bench
            .post("/_emulator/settings", json!({"graph": word}))
            .await;
        now["graph"].clone()
    };
    let deleted = "/graph/v1.0/directory/deletedItems/microsoft.graph.user";
    assert_eq!(allow("users-only").await, "users-only");
    assert_eq!(bench.get("/graph/v1.0/users").await.status(), 200);
    assert_eq!(refusal(&bench, deleted).await, denied);
    let id = "/graph/v1.0/directory/deletedItems/00000000-0000-4000-8000-000000000000";
    assert_eq!(refusal(&bench, id).await, denied);
    assert_eq!(allow("denied").await, "denied");
    assert_eq!(refusal(&bench, "/graph/v1.0/users").await, denied);
    assert_eq!(allow("open").await, "open");
    assert_eq!(bench.get(deleted).await.status(), 200);
    let bare = bench
        .client
        .get(format!("{}/graph/v1.0/users", bench.base))
        .header("client-request-id", "my-own")
        .send()
        .await
        .expect("an answer");
    assert_eq!(bare.status(), 401);
    assert_eq!(bare.headers()["client-request-id"], "my-own");
    let body: Value = bare.json().await.expect("json");
    assert_eq!(body["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(body["error"]["innerError"]["client-request-id"], "my-own");
    let written = bench
        .send("POST", "/graph/v1.0/users", Some(json!({})))
        .await;
    assert_eq!(written.status(), 403);
}

#[tokio::test]
async fn the_cloud_says_where_the_directory_is() {
    let bench = Bench::new().await;
    let clouds = bench.json_list("/metadata/endpoints".to_owned()).await;
    let base = clouds[0]["microsoftGraphResourceId"]
        .as_str()
        .expect("an address");
    let users = bench.json(&format!("{base}v1.0/users")).await;
    assert_eq!(users["value"].as_array().map(Vec::len), Some(23));
}
