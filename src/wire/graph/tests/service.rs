//! Whole questions, to a service on loopback that writes down what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use super::ID;
use crate::report::Nobody;
use crate::wire::access::{AccessError, Token, Tokens};
use crate::wire::cloud::Cloud;
use crate::wire::graph::{Graph, PAGES, address, call};
use crate::wire::secret::Secret;
use crate::wire::{Audience, Call, Fault, Settings, Wire};

/// A token for each scope, which says which one it is for; and the scopes that were asked for.
#[derive(Default)]
struct ByScope(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Tokens for ByScope {
    async fn token(&self, scope: &str, _force: bool) -> Result<Arc<Token>, AccessError> {
        self.0.lock().expect("whole").push(scope.to_owned());
        let name = if scope.ends_with("/graph/.default") {
            "token-of-graph"
        } else {
            "token-of-azure"
        };
        let secret = Secret::new(name.to_owned());
        let expires_on = Some(OffsetDateTime::now_utc() + time::Duration::hours(1));
        Ok(Arc::new(Token { secret, expires_on }))
    }

    fn served_by(&self) -> Option<String> {
        None
    }
}

/// First line and headers of everything that was asked.
type Asked = Arc<Mutex<Vec<String>>>;

/// A service that answers by what is asked, each request on a connection of its own.
async fn serve(answer: fn(&str, &str) -> (u16, Value)) -> (Arc<Wire>, Asked) {
    serve_with(answer, Arc::new(ByScope::default())).await
}

async fn serve_with(
    answer: fn(&str, &str) -> (u16, Value),
    tokens: Arc<ByScope>,
) -> (Arc<Wire>, Asked) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Asked::default();
    let (kept, here) = (Arc::clone(&asked), origin.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut chunk = [0; 4096];
            while !text.ends_with(b"\r\n\r\n") {
                match stream.read(&mut chunk).await {
                    Ok(read @ 1..) => text.extend_from_slice(&chunk[..read]),
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&text).into_owned();
            let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
            kept.lock().expect("whole").push(text);
            let (status, body) = answer(&here, &target);
            let body = body.to_string();
            let reply = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            // A caller that has gone away is no concern of this service.
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    let cloud = Cloud::at_arm_endpoint(&origin).expect("loopback");
    let wire = Wire::new(
        cloud,
        tokens,
        Arc::new(Nobody),
        CancellationToken::new(),
        Settings {
            tries: 1,
            ..Settings::default()
        },
    );
    (Arc::new(wire.expect("a wire")), asked)
}

async fn graph(wire: &Arc<Wire>) -> Graph {
    Graph::open(wire)
        .await
        .expect("signed in")
        .expect("a directory")
}

fn somebody(number: usize, mail: &str) -> Value {
    json!({"id": format!("5c1d0a2e-0000-4000-8000-{number:012}"), "mail": mail, "proxyAddresses": []})
}

#[tokio::test]
async fn every_page_is_followed_with_the_header_that_it_needs() {
    let (wire, asked) = serve(|origin, target| {
        let page = json!({
            "value": [somebody(target.len(), "ada@contoso.com"), somebody(1, "joada@contoso.com")],
            "@odata.nextLink": format!("{origin}/graph/v1.0/users?$filter=x&$skiptoken=1"),
        });
        let last = json!({"value": [somebody(3, "Ada@contoso.com")]});
        (
            200,
            if target.contains("skiptoken") {
                last
            } else {
                page
            },
        )
    })
    .await;
    let found = graph(&wire).await.users_at("ada@contoso.com").await;
    // Whoever does not have the address was not asked for, whatever the service says.
    assert_eq!(found.expect("two users").len(), 2);
    let asked = asked.lock().expect("whole");
    assert_eq!(asked.len(), 2);
    for request in asked.iter() {
        assert!(
            request
                .to_lowercase()
                .contains("consistencylevel: eventual"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_list_without_end_ends() {
    let (wire, asked) = serve(|origin, target| {
        let number = target.len();
        let link = format!(
            "{origin}/graph/v1.0/users?$skiptoken={}",
            "x".repeat(number)
        );
        (200, json!({"value": [], "@odata.nextLink": link}))
    })
    .await;
    let fault = graph(&wire).await.users_at("ada@contoso.com").await;
    let text = fault.expect_err("no end").to_string();
    assert!(
        text.contains("more pages") && !text.contains("ada"),
        "{text}"
    );
    assert_eq!(asked.lock().expect("whole").len(), PAGES);
}

#[tokio::test]
async fn a_link_elsewhere_is_not_followed() {
    let (wire, asked) = serve(|_, _| {
        let link = "http://127.0.0.1:1/graph/v1.0/users?x";
        (200, json!({"value": [], "@odata.nextLink": link}))
    })
    .await;
    let fault = graph(&wire).await.users_at("ada@contoso.com").await;
    let text = fault.expect_err("a stray link").to_string();
    assert!(text.contains("was not followed"), "{text}");
    assert_eq!(asked.lock().expect("whole").len(), 1);
}

#[tokio::test]
async fn only_the_directory_itself_says_that_nobody_is_known() {
    let (wire, _) = serve(|_, target| {
        if target.contains("unknown") {
            let message = "Resource 'unknown@contoso.com' does not exist.";
            let error = json!({"code": "Request_ResourceNotFound", "message": message});
            (404, json!({"error": error}))
        } else {
            let error = json!({"code": "RouteNotFound", "message": "no route to ada@contoso.com"});
            (404, json!({"error": error}))
        }
    })
    .await;
    let graph = graph(&wire).await;
    let unknown = graph.user_named("unknown@contoso.com").await;
    assert_eq!(unknown.expect("an answer"), None);
    let text = graph
        .user_named("ada@contoso.com")
        .await
        .expect_err("no answer about a person")
        .to_string();
    assert!(
        text.contains("/graph/v1.0/users/{id}") && !text.contains("ada"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_about_somebody_else_is_none() {
    let (wire, _) = serve(|_, target| {
        let entry = somebody(9, "else@contoso.com");
        let list = target.contains("filter");
        (
            200,
            if list {
                json!({"value": [entry]})
            } else {
                entry
            },
        )
    })
    .await;
    let graph = graph(&wire).await;
    assert_eq!(graph.user(ID).await.expect("an answer"), None);
    assert_eq!(graph.deleted_user(ID).await.expect("an answer"), None);
    assert_eq!(graph.service_principal(ID).await.expect("an answer"), None);
    let named = graph.user_named("ada@contoso.com").await;
    assert_eq!(named.expect("an answer"), None);
    let deleted = graph.deleted_users_at("ada@contoso.com").await;
    assert!(deleted.expect("an answer").is_empty());
}

#[tokio::test]
async fn a_token_is_seen_by_the_service_that_it_is_for() {
    let (wire, asked) = serve(|_, _| (200, json!({"value": []}))).await;
    let graph = graph(&wire).await;
    let _ = graph.users_at("ada@contoso.com").await;
    let arm = wire.cloud.arm.clone();
    let workspaces =
        "subscriptions/s/providers/Microsoft.MachineLearningServices/workspaces?api-version=x";
    let of_arm = Call::get(arm.join(workspaces).expect("url"));
    wire.send(of_arm.clone()).await.expect("an answer");
    {
        let asked = asked.lock().expect("whole");
        let tokens: Vec<(bool, bool, bool)> = asked
            .iter()
            .map(|text| {
                (
                    text.starts_with("GET /graph/"),
                    text.contains("token-of-graph"),
                    text.contains("token-of-azure"),
                )
            })
            .collect();
        assert_eq!(tokens, [(true, true, false), (false, false, true)]);
    }
    // The wrong token is not even sent when a mistake of ours would send it.
    let directory = address::users_at(&graph.base, "ada@contoso.com");
    let to_graph = Call::get(directory);
    let with_graphs = Call {
        audience: Audience::Graph,
        ..of_arm
    };
    for call in [to_graph, with_graphs] {
        let fault = wire.send(call).await.expect_err("a token elsewhere");
        assert!(matches!(fault, Fault::Foreign { .. }), "{fault}");
    }
    // Nor is anything of the directory read that is not on the list.
    let more = call(graph.base.join("v1.0/groups").expect("url"));
    let fault = wire.send(more).await.expect_err("not on the list");
    assert!(matches!(fault, Fault::NotAllowed { .. }), "{fault}");
    assert_eq!(asked.lock().expect("whole").len(), 2);
}

#[tokio::test]
async fn who_signs_in_is_settled_before_the_directory_is_asked() {
    let tokens = Arc::new(ByScope::default());
    let (wire, _) = serve_with(|_, _| (200, json!({"value": []})), Arc::clone(&tokens)).await;
    let _ = graph(&wire).await.users_at("ada@contoso.com").await;
    let asked = tokens.0.lock().expect("whole");
    assert_eq!(
        *asked,
        [
            wire.cloud.arm_scope(),
            wire.cloud.graph_scope().expect("a scope")
        ]
    );
}
