//! The two origins: what happens to a request before and after it is answered.

use super::ask::Ask;
use super::errors::{self, Plane};
use super::hub::Hub;
use super::listener::{Door, Wire};
use super::mint::{guid_of, stir};
use super::reply::{Payload, Reply};
use super::route::{self, Service};
use super::weather::{self, Act};
use super::{
    aether, arm, artifact, blob, content, control, deeds, graph, history, metric, models, rights,
    shelves,
};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use bytes::Bytes;
use futures_util::StreamExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// ARM and the data plane.
    Front,
    /// The storage account.
    Store,
}

const BODY_LIMIT: usize = 16 << 20;

pub(crate) async fn serve(door: Door, hub: Arc<Hub>, side: Side) {
    let app = Router::new().fallback(handle).with_state((hub, side));
    // Serving ends with the task; an error here has nobody left to hear it.
    let _ = axum::serve(door, app.into_make_service_with_connect_info::<Wire>()).await;
}

async fn handle(
    State((hub, side)): State<(Arc<Hub>, Side)>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response<Body> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = if parts.method == "GET" {
        Bytes::new()
    } else {
        axum::body::to_bytes(body, BODY_LIMIT)
            .await
            .unwrap_or_default()
    };
    let path = parts.uri.path();
    let ask = Ask::new(
        parts.method.clone(),
        path,
        parts.uri.query().unwrap_or_default(),
        parts.headers,
        body,
    );
    if side == Side::Front && ask.path.starts_with("/_emulator") {
        return control::answer(&hub, &ask).into_response();
    }
    let origin = usize::from(side == Side::Store);
    let latency = hub.settings().latency;
    let early = hub.weather.early(origin, latency);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let counted = (plane(side, &ask) == Plane::Arm && side == Side::Front)
        .then(|| hub.weather.counted(&ask))
        .flatten();
    let reply = match counted.and_then(|counted| counted.wait) {
        Some(seconds) => Some(too_many(seconds)),
        None => weathered(&hub, side, origin, &ask, &wire).await,
    };
    let status = reply.as_ref().map_or(0, |reply| reply.status);
    hub.diary
        .write(name(&ask), &ask.path, &ask.raw_query, status, early);
    let Some(reply) = reply else {
        wire.cut();
        return Response::new(Body::empty());
    };
    hub.weather.asked(origin, &reply);
    let reply = match counted {
        Some(counted) => reply.with(counted.name, counted.left.to_string()),
        None => reply,
    };
    dress(&hub, side, &ask, reply, began, counted.is_some()).into_response()
}

/// The resource manager's own refusal of a caller who asks too much.
fn too_many(seconds: u64) -> Reply {
    let message = "Number of requests for subscription exceeded the limit. Please try again later.";
    errors::fault(Plane::Arm, 429, "TooManyRequests", message)
        .with("retry-after", seconds.to_string())
}

/// The method, in words that last.
pub(crate) fn name(ask: &Ask) -> &'static str {
    match ask.method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "HEAD" => "HEAD",
        _ => "OTHER",
    }
}

/// The answer, or what the weather makes of it. Nothing means that the connection breaks.
async fn weathered(
    hub: &Arc<Hub>,
    side: Side,
    origin: usize,
    ask: &Ask,
    wire: &Wire,
) -> Option<Reply> {
    let plane = plane(side, ask);
    let act = match hub.weather.mishap(ask) {
        Some(act) => Some(act),
        None => match hub.weather.throttled(origin, plane) {
            Some(reply) => return Some(reply),
            None => hub.weather.drawn(ask, plane),
        },
    };
    let base = &hub.origins.arm;
    match act {
        None => Some(answer(hub, side, ask)),
        Some(Act::Close) => None,
        Some(Act::Answer {
            status,
            headers,
            body,
        }) => Some(weather::answer(status, headers, body)),
        Some(Act::Stall(time)) => {
            tokio::time::sleep(time).await;
            Some(answer(hub, side, ask))
        }
        Some(Act::Truncate(bytes)) => Some(truncate(answer(hub, side, ask), bytes, wire)),
        Some(Act::NextLinkHost(host)) => {
            let reply = misled(answer(hub, side, ask), base, &host);
            Some(retold(reply, |body| weather::lure(body, ask, base, &host)))
        }
        Some(Act::RepeatToken) => Some(retold(answer(hub, side, ask), |body| {
            weather::repeat(body, ask, base)
        })),
        Some(Act::Flood(bytes)) => Some(blob::flood(bytes)),
    }
}

fn plane(side: Side, ask: &Ask) -> Plane {
    if side == Side::Store {
        return Plane::Blob;
    }
    if graph::covers(&ask.segments) {
        return Plane::Graph;
    }
    route::service(&ask.segments).map_or(Plane::Arm, |(service, _)| service.plane())
}

/// Sends a caller of a long-running operation elsewhere, as a false link sends a reader of pages.
fn misled(mut reply: Reply, base: &str, host: &str) -> Reply {
    for (name, value) in &mut reply.headers {
        if matches!(
            name.as_ref(),
            "location" | "operation-location" | "azure-asyncoperation"
        ) {
            *value = value.replace(base, host);
        }
    }
    reply
}

fn retold(mut reply: Reply, with: impl FnOnce(&str) -> String) -> Reply {
    if let Payload::Whole(bytes) = &reply.payload {
        let told = with(&String::from_utf8_lossy(bytes));
        reply.payload = Payload::Whole(Bytes::from(told));
    }
    reply
}

/// Announces the whole body and sends a part of it.
fn truncate(mut reply: Reply, bytes: usize, wire: &Wire) -> Reply {
    let (body, length) = match reply.payload {
        Payload::Whole(whole) => {
            let length = whole.len();
            (Body::from(whole), length)
        }
        Payload::Stream(body) => {
            let length = reply
                .headers
                .iter()
                .find(|(name, _)| name == "content-length");
            let length = length.and_then(|(_, text)| text.parse().ok()).unwrap_or(0);
            (body, length)
        }
        Payload::Empty => return reply,
    };
    let kept = if bytes == usize::MAX {
        length / 2
    } else {
        bytes.min(length.saturating_sub(1))
    };
    let state = (body.into_data_stream(), kept, wire.clone());
    let parts = futures_util::stream::unfold(Some(state), |state| async move {
        let (mut body, left, wire) = state?;
        if left > 0
            && let Some(Ok(piece)) = body.next().await
        {
            let piece = piece.slice(..piece.len().min(left));
            let left = left - piece.len();
            return Some((Ok(piece), Some((body, left, wire))));
        }
        // What was sent must leave before the connection breaks, or it would look like one that never answered.
        tokio::time::sleep(Duration::from_millis(15)).await;
        wire.cut();
        Some((
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
            None,
        ))
    });
    reply.payload = Payload::Stream(Body::from_stream(parts));
    reply.headers.retain(|(name, _)| name != "content-length");
    reply.with("content-length", length.max(1).to_string())
}

fn dress(
    hub: &Hub,
    side: Side,
    ask: &Ask,
    mut reply: Reply,
    began: Instant,
    counted: bool,
) -> Reply {
    let count = hub.counter.fetch_add(1, Ordering::Relaxed);
    let id = guid_of(stir(count), stir(!count));
    if side == Side::Front {
        reply = reply.with(
            "x-request-time",
            format!("{:.3}", began.elapsed().as_secs_f64()),
        );
        if plane(side, ask) == Plane::Arm {
            let correlation = ask
                .header("x-ms-correlation-request-id")
                .map_or_else(|| id.clone(), str::to_owned);
            reply = reply.with("x-ms-correlation-request-id", correlation).with(
                "x-ms-routing-request-id",
                format!("WESTEUROPE:20240101T000000Z:{id}"),
            );
            if !counted {
                let left = 249 - count % 40;
                let name = if ask.is("DELETE") {
                    "x-ms-ratelimit-remaining-subscription-deletes"
                } else {
                    "x-ms-ratelimit-remaining-subscription-reads"
                };
                reply = reply.with(name, left.to_string()).with(
                    "x-ms-ratelimit-remaining-subscription-global-reads",
                    (3_500 + left).to_string(),
                );
            }
        }
    }
    if let Some(client) = ask.header("x-ms-client-request-id") {
        let client = client.to_owned();
        reply = reply.with("x-ms-client-request-id", client);
    }
    reply.with("x-ms-request-id", id)
}

/// The answer of a service in good weather.
fn answer(hub: &Arc<Hub>, side: Side, ask: &Ask) -> Reply {
    if side == Side::Store {
        return blob::answer(hub, ask);
    }
    if let Some(reply) = arm::open_to_all(hub, ask) {
        return reply;
    }
    if graph::covers(&ask.segments) {
        return graph::answer(hub, ask);
    }
    let Some((service, prefix)) = route::service(&ask.segments) else {
        return if ask.has_bearer() {
            arm::answer(hub, ask)
        } else {
            errors::unauthenticated(Plane::Arm)
        };
    };
    let plane = service.plane();
    if !ask.has_bearer() {
        return errors::unauthenticated(plane);
    }
    let segments = &ask.segments[prefix..];
    if service == Service::Rp {
        return arm::relayed(hub, ask, segments);
    }
    if let (true, Service::Artifact, [word, guid]) = (ask.is("DELETE"), service, segments)
        && word.eq_ignore_ascii_case("workspaces")
    {
        if let Some(reply) = rights::refusal_of_service(hub, ask, service, &[]) {
            return reply;
        }
        return deeds::wipe(hub, ask, guid);
    }
    let Some((scope, rest)) = route::scope(segments) else {
        return errors::missing(plane, "No such route.");
    };
    if rest.iter().all(String::is_empty) {
        return errors::missing(plane, "No such route.");
    }
    let mut rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    // A slash at the end means nothing, but for the path of an artifact, of which it may be a part.
    while service != Service::Artifact && rest.last() == Some(&"") {
        rest.pop();
    }
    if let Some(reply) = rights::refusal_of_service(hub, ask, service, &rest) {
        return reply;
    }
    let changing = deeds::changes(ask, service, &rest);
    if changing {
        let mut world = hub.world_mut();
        let Some(at) = route::find(&world, &scope) else {
            return stranger(plane, scope.workspace);
        };
        if unserved(&world.workspaces[at], service) {
            return errors::missing(plane, "This service is not offered for the workspace.");
        }
        return deeds::answer(hub, ask, service, &mut world, at, &rest);
    }
    let world = hub.world();
    let Some(at) = route::find(&world, &scope) else {
        return stranger(plane, scope.workspace);
    };
    let workspace = &world.workspaces[at];
    if unserved(workspace, service) {
        return errors::missing(plane, "This service is not offered for the workspace.");
    }
    let call = route::Call {
        hub,
        ask,
        workspace,
        rest,
    };
    match service {
        Service::History => history::answer(&call),
        Service::Artifact => artifact::answer(&call),
        Service::Metric => metric::answer(&call),
        Service::Models(_) => models::answer(&call),
        Service::Pipelines(_) => aether::answer(&call),
        Service::Content(newer) => content::answer(&call, newer),
        _ => shelves::answer(&call, service),
    }
}

fn unserved(workspace: &super::world::Workspace, service: Service) -> bool {
    workspace.first_generation
        && matches!(
            service,
            Service::Models(true) | Service::Pipelines(true) | Service::Notification
        )
}

/// A workspace that is not the caller's looks the same as one that does not exist.
fn stranger(plane: Plane, name: &str) -> Reply {
    errors::fault(
        plane,
        403,
        "Forbidden",
        &format!("The caller is not allowed to access workspace {name}."),
    )
}
