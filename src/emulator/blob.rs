//! The storage account: signed links and nothing else. A bearer token beside a signature is an error here, as it is
//! there, so that a client that sends its token everywhere is found out.

use super::ask::{Ask, decode};
use super::errors::{Plane, fault, now};
use super::hub::Hub;
use super::mint::http_date;
use super::reply::{Payload, Reply};
use super::synthetic;
use super::world::planter::blob_label;
use super::world::{Blob, Kind, World};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest, Md5};
use std::collections::HashSet;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The address of an artifact's blob, without a signature. A path with dots for segments would be tidied away by every
/// URL library, so its slashes are written in their other form.
pub(crate) fn address(base: &str, workspace: &str, artifact: &str) -> String {
    let mut out = format!("{base}/{workspace}/azureml/");
    let dotted = artifact
        .split('/')
        .any(|segment| segment == "." || segment == "..");
    let (head, path) = match artifact.match_indices('/').nth(1) {
        Some((at, _)) => artifact.split_at(at + 1),
        None => ("", artifact),
    };
    for (text, keep) in [(head, true), (path, !dotted)] {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'.' | b'~')
                || (keep && byte == b'/')
            {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Content that is held, or computed as it is read.
enum Content {
    Held(Bytes),
    Computed { key: u64, length: u64 },
}

impl Content {
    fn length(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Computed { length, .. } => *length,
        }
    }
}

pub(crate) fn answer(hub: &Hub, ask: &Ask) -> Reply {
    if !ask.is("GET") && !ask.is("HEAD") {
        return fault(
            Plane::Blob,
            405,
            "UnsupportedHttpVerb",
            "The resource doesn't support specified Http Verb.",
        );
    }
    if ask.header("authorization").is_some() {
        return fault(
            Plane::Blob,
            400,
            "InvalidAuthenticationInfo",
            "Authentication information is not given in the correct format. A signature and a header were both sent.",
        );
    }
    let whole = decode(&ask.path);
    let mut parts = whole.trim_start_matches('/').splitn(3, '/');
    let (Some(place), Some("azureml"), Some(artifact)) = (parts.next(), parts.next(), parts.next())
    else {
        return fault(
            Plane::Blob,
            404,
            "ResourceNotFound",
            "The specified resource does not exist.",
        );
    };
    let denied = |why: &str| {
        fault(
            Plane::Blob,
            403,
            "AuthenticationFailed",
            &format!("Server failed to authenticate the request. {why}"),
        )
    };
    let expected = hub
        .mint
        .planted(&blob_label(&format!("{place}/{artifact}")));
    if ask
        .query("sig")
        .map(|signature| signature.trim_end_matches('='))
        != Some(expected.as_str())
    {
        return denied("Signature did not match.");
    }
    let until = ask
        .query("se")
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    if until.is_none_or(|until| until.unix_timestamp() <= now()) {
        return denied("Signature not valid in the specified time frame.");
    }
    let world = hub.world();
    match find(hub, &world, place, artifact) {
        Some((content, blob)) => read(hub, ask, artifact, &content, blob.as_ref()),
        None => fault(
            Plane::Blob,
            404,
            "BlobNotFound",
            "The specified blob does not exist.",
        ),
    }
}

fn find(hub: &Hub, world: &World, place: &str, artifact: &str) -> Option<(Content, Option<Blob>)> {
    let workspace = world
        .workspaces
        .iter()
        .find(|workspace| workspace.name == place)?;
    if let Some(item) = workspace.table(Kind::Artifacts).held(artifact) {
        let blob = item.blob.clone()?;
        return Some((Content::Held(blob.bytes.clone()), Some(blob)));
    }
    if let Some(blob) = workspace.leftovers.get(artifact) {
        return Some((Content::Held(blob.bytes.clone()), Some(blob.clone())));
    }
    let shape = workspace.shape.as_ref()?;
    let none = HashSet::new();
    let gone = if hub.settings().hard_delete_keeps_bytes {
        &none
    } else {
        &workspace.gone
    };
    let key = synthetic::artifact_key(hub.mint, shape, gone, artifact)?;
    Some((
        Content::Computed {
            key,
            length: shape.artifact_bytes,
        },
        None,
    ))
}

fn read(hub: &Hub, ask: &Ask, artifact: &str, content: &Content, blob: Option<&Blob>) -> Reply {
    let etag = format!("\"0x8D{}\"", hub.mint.hex(artifact).to_uppercase());
    let length = content.length();
    if let Some(wanted) = ask.header("if-match")
        && wanted != "*"
        && !wanted.split(',').any(|one| one.trim() == etag)
    {
        return fault(
            Plane::Blob,
            412,
            "ConditionNotMet",
            "The condition specified using HTTP conditional header(s) is not met.",
        );
    }
    if ask
        .header("if-none-match")
        .is_some_and(|known| known == etag)
    {
        return Reply::empty(304).with("etag", etag);
    }
    let range = ask
        .header("x-ms-range")
        .or_else(|| ask.header("range"))
        .and_then(|text| range(text, length));
    let (status, from, size) = match range {
        None => (200, 0, length),
        Some(None) => {
            return fault(
                Plane::Blob,
                416,
                "InvalidRange",
                "The range specified is invalid for the current size of the resource.",
            )
            .with("content-range", format!("bytes */{length}"));
        }
        Some(Some((first, last))) => (206, first, last - first + 1),
    };
    let mut reply = Reply::empty(status)
        .with(
            "content-type",
            blob.map_or("application/octet-stream", |blob| blob.content_type),
        )
        .with("accept-ranges", "bytes")
        .with("etag", etag)
        .with("last-modified", http_date(1_600_000_000))
        .with("x-ms-blob-type", "BlockBlob")
        .with("x-ms-version", "2019-07-07")
        .with("x-ms-server-encrypted", "true");
    if status == 206 {
        reply = reply.with(
            "content-range",
            format!("bytes {from}-{}/{length}", from + size - 1),
        );
    }
    if let Some(encoding) = blob.and_then(|blob| blob.encoding) {
        reply = reply.with("content-encoding", encoding);
    }
    if let (200, Some(blob)) = (status, blob.filter(|blob| blob.with_md5)) {
        reply = reply.with("content-md5", STANDARD.encode(Md5::digest(&blob.bytes)));
    }
    reply = reply.with("content-length", size.to_string());
    if ask.is("HEAD") {
        return reply;
    }
    reply.payload = match content {
        Content::Held(bytes) => {
            let start = usize::try_from(from).unwrap_or(0);
            let end = usize::try_from(from + size).unwrap_or(start);
            Payload::Whole(bytes.slice(start..end))
        }
        Content::Computed { key, .. } if size <= PATTERN as u64 => {
            let mut out = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            for piece in pieces(*key, from, size) {
                out.extend_from_slice(&piece);
            }
            Payload::Whole(Bytes::from(out))
        }
        Content::Computed { key, .. } => {
            let parts = pieces(*key, from, size).map(Ok::<Bytes, Infallible>);
            Payload::Stream(Body::from_stream(futures_util::stream::iter(parts)))
        }
    };
    reply
}

/// `None`: no range, or one that Azure does not know. `Some(None)`: one that the blob cannot give.
#[expect(clippy::option_option, reason = "the two absences are two answers")]
fn range(text: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.trim().parse().ok()?;
    let last = match last.trim() {
        "" => u64::MAX,
        given => given.parse().ok()?,
    };
    if last < first {
        return None;
    }
    Some((first < length).then(|| (first, last.min(length - 1))))
}

const PATTERN: usize = 1 << 16;

static NOISE: LazyLock<Bytes> = LazyLock::new(|| {
    let mut state = 7;
    let mut out = Vec::with_capacity(PATTERN * 2);
    while out.len() < PATTERN * 2 {
        state = super::mint::stir(state);
        out.extend_from_slice(&state.to_le_bytes());
    }
    Bytes::from(out)
});

/// Computed content: one block of noise over and over, begun at a place that the key decides.
pub(crate) fn pieces(key: u64, from: u64, size: u64) -> impl Iterator<Item = Bytes> + Send {
    let block = PATTERN as u64;
    let shift = usize::try_from(key % block).unwrap_or(0);
    let window = NOISE.slice(shift..shift + PATTERN);
    let mut at = from;
    let end = from + size;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let inside = at % block;
        let take = (block - inside).min(end - at);
        at += take;
        let start = usize::try_from(inside).unwrap_or(0);
        let stop = start + usize::try_from(take).unwrap_or(0);
        Some(window.slice(start..stop))
    })
}

/// A page that begins well and does not end.
pub(crate) fn flood(bytes: u64) -> Reply {
    let junk = Bytes::from(vec![b'a'; PATTERN]);
    let mut left = bytes;
    let head = Bytes::from_static(b"{\"value\":[\"");
    let parts = std::iter::once(head).chain(std::iter::from_fn(move || {
        let take = left.min(PATTERN as u64);
        left -= take;
        (take > 0).then(|| junk.slice(..usize::try_from(take).unwrap_or(0)))
    }));
    let mut reply = Reply::empty(200).with("content-type", "application/json");
    reply.payload = Payload::Stream(Body::from_stream(futures_util::stream::iter(
        parts.map(Ok::<Bytes, Infallible>),
    )));
    reply
}
