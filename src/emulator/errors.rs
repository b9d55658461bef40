//! Error bodies. Each plane has a shape of its own.

use super::mint::{guid_of, stir, utc, zulu};
use super::reply::Reply;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plane {
    Arm,
    /// Run history and everything that shares its errors: artifacts, metrics, datastores, datasets, environments.
    History,
    Models,
    Pipelines,
    Blob,
    /// The directory.
    Graph,
}

pub(crate) fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// An error of a plane. `code` is the specific cause; history hides it in the deepest inner error.
pub(crate) fn fault(plane: Plane, status: u16, code: &str, message: &str) -> Reply {
    let correlation = json!({"operation": "7d2a0f6a1bd54b0d", "request": "b8a1d5c3f0e94a21"});
    match plane {
        Plane::Arm => Reply::json(status, &json!({"error": {"code": code, "message": message}})),
        Plane::History => Reply::json(
            status,
            &json!({
                "error": {
                    "code": broad(status),
                    "severity": null,
                    "message": message,
                    "messageFormat": null,
                    "messageParameters": {},
                    "referenceCode": null,
                    "detailsUri": null,
                    "target": null,
                    "details": [],
                    "innerError": {"code": inner(status), "innerError": {"code": code}},
                    "additionalInfo": null,
                },
                "correlation": correlation,
                "environment": "westeurope",
                "location": "westeurope",
                "time": utc(now(), 0),
                "componentName": "run-history",
            }),
        )
        .with("x-ms-response-type", "error")
        .with("x-ms-error-code", code)
        .with("request-context", "appId=cid-v1:2d2e8e63-272e-4b3c-8598-4ee570a0e70d"),
        Plane::Models => Reply::json(
            status,
            &json!({
                "code": code,
                "statusCode": status,
                "message": message,
                "details": [{"code": code, "message": message}],
                "correlation": {"RequestId": "b8a1d5c3f0e94a21"},
            }),
        ),
        Plane::Pipelines => Reply::json(
            status,
            &json!({
                "Error": {
                    "Code": broad(status),
                    "Message": message,
                    "Target": null,
                    "Details": [],
                    "InnerError": {"Code": code, "InnerError": null},
                    "DebugInfo": null,
                },
                "Correlation": correlation,
            }),
        ),
        Plane::Graph => graph_fault(status, code, message, None),
        Plane::Blob => Reply::typed(
            status,
            "application/xml",
            format!(
                "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
                 RequestId:b8a1d5c3-f0e9-4a21-8000-000000000000\nTime:{}</Message></Error>",
                utc(now(), 0)
            ),
        )
        .with("x-ms-error-code", code),
    }
}

/// The errors of Microsoft Graph name the request twice: as the service counts it, and as the caller called it.
pub(crate) fn graph_fault(status: u16, code: &str, message: &str, client: Option<&str>) -> Reply {
    let count = ASKED.fetch_add(1, Ordering::Relaxed);
    let request = guid_of(stir(count), stir(!count));
    let client = client.unwrap_or(&request).to_owned();
    Reply::json(
        status,
        &json!({"error": {
            "code": code,
            "message": message,
            "innerError": {
                "date": zulu(now()).trim_end_matches('Z'),
                "request-id": request,
                "client-request-id": client,
            },
        }}),
    )
    .with("request-id", request)
    .with("client-request-id", client)
}

static ASKED: AtomicU64 = AtomicU64::new(0x6772);

pub(crate) fn missing(plane: Plane, what: &str) -> Reply {
    let code = match plane {
        Plane::Arm => "ResourceNotFound",
        Plane::Models => "NotFound",
        _ => "NotFoundError",
    };
    fault(plane, 404, code, what)
}

pub(crate) fn no_method(plane: Plane) -> Reply {
    fault(
        plane,
        405,
        "MethodNotAllowed",
        "The requested resource does not support this method.",
    )
}

pub(crate) fn malformed(plane: Plane, message: &str) -> Reply {
    fault(plane, 400, "BadArgument", message)
}

pub(crate) fn unauthenticated(plane: Plane) -> Reply {
    match plane {
        Plane::Arm => fault(
            plane,
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ),
        _ => fault(plane, 401, "AuthorizationRequired", "A bearer token is required."),
    }
    .with(
        "www-authenticate",
        "Bearer authorization_uri=\"https://login.microsoftonline.com/72f98888-0000-4000-8000-2d7cd011db47\"",
    )
}

fn broad(status: u16) -> &'static str {
    match status {
        429 => "RequestThrottled",
        500..=599 => "ServiceError",
        _ => "UserError",
    }
}

fn inner(status: u16) -> &'static str {
    match status {
        401 | 403 => "Auth",
        404 => "NotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        500..=599 => "SystemError",
        _ => "BadArgument",
    }
}

/// The parts of a null-free error document that a run carries when it failed.
pub(crate) fn run_error(message: &str) -> Value {
    json!({
        "error": {"code": "UserError", "message": message, "details": [], "innerError": {"code": "UserScriptException"}},
        "correlation": {"operation": "c0ffee", "request": "decaf"},
        "environment": "westeurope",
        "location": "westeurope",
        "time": "2023-05-05T05:05:05.5555555+00:00",
        "componentName": "execution-worker",
    })
}
