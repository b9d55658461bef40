//! The truth: a line for each document that the world holds, with the digest that a faithful copy must have.

use super::blob;
use super::hub::Hub;
use super::synthetic;
use super::text;
use super::world::{Item, Kind, Standing};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

/// Where the telling stands: which workspace, which kind, which row.
#[derive(Clone, Copy, Default)]
struct Place {
    workspace: usize,
    kind: usize,
    row: u64,
}

/// How much is told at a time: enough to be quick, little enough not to hold the world for long.
const CHUNK: usize = 1 << 17;

pub(crate) fn stream(
    hub: &Arc<Hub>,
    only: Option<&str>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let hub = Arc::clone(hub);
    let only = only.map(str::to_owned);
    stream::unfold(Some(Place::default()), move |place| {
        let told = place.map(|place| tell(&hub, only.as_deref(), place));
        async move {
            let (text, next) = told?;
            // Long truths must not keep others from being served.
            tokio::task::yield_now().await;
            Some((Ok(Bytes::from(text)), next))
        }
    })
}

fn tell(hub: &Hub, only: Option<&str>, mut place: Place) -> (String, Option<Place>) {
    let world = hub.world();
    let mut out = String::with_capacity(CHUNK * 2);
    while let Some(workspace) = world.workspaces.get(place.workspace) {
        let wanted =
            only.is_none_or(|name| workspace.name == name) && workspace.standing == Standing::Live;
        if !wanted {
            place = Place {
                workspace: place.workspace + 1,
                ..Place::default()
            };
            continue;
        }
        if place.kind == 0 && place.row == 0 {
            line(
                &mut out,
                &workspace.name,
                "workspaces",
                &workspace.doc.id,
                &workspace.doc.text,
                None,
            );
        }
        let Some((kind, name)) = Kind::told(place.kind) else {
            place = Place {
                workspace: place.workspace + 1,
                ..Place::default()
            };
            continue;
        };
        if let Some(shape) = &workspace.shape
            && let Some(rows) = synthetic::count(shape, kind)
        {
            while place.row < rows {
                if kind != Kind::Experiments && workspace.gone.contains(&place.row) {
                    place.row += 1;
                    continue;
                }
                for told in synthetic::tell(hub.mint, shape, kind, place.row) {
                    line(
                        &mut out,
                        &workspace.name,
                        name,
                        &told.id,
                        &told.text,
                        told.bytes,
                    );
                }
                place.row += 1;
                if out.len() >= CHUNK {
                    return (out, Some(place));
                }
            }
        }
        let table = workspace.table(kind);
        // Kinds that are computed hold no rows, and the place is beyond them by now.
        let mut at = usize::try_from(place.row).unwrap_or(usize::MAX);
        while at < table.places() {
            if let Some(item) = table.row(at).filter(|item| item.alive) {
                line(
                    &mut out,
                    &workspace.name,
                    name,
                    &item.id,
                    &item.text,
                    bytes_of(item),
                );
            }
            at += 1;
            place.row = at as u64;
            if out.len() >= CHUNK {
                return (out, Some(place));
            }
        }
        place = Place {
            workspace: place.workspace,
            kind: place.kind + 1,
            row: 0,
        };
    }
    (out, None)
}

fn bytes_of(item: &Item) -> Option<(String, u64)> {
    item.blob
        .as_ref()
        .map(|blob| (text::sha256(&blob.bytes), blob.bytes.len() as u64))
}

/// The digest of computed content, without ever holding it.
pub(crate) fn computed(key: u64, length: u64) -> (String, u64) {
    let mut hash = Sha256::new();
    for piece in blob::pieces(key, 0, length) {
        hash.update(&piece);
    }
    (text::hex(&hash.finalize()), length)
}

fn line(
    out: &mut String,
    workspace: &str,
    kind: &str,
    id: &str,
    doc: &str,
    bytes: Option<(String, u64)>,
) {
    out.push_str("{\"workspace\":");
    text::quote(workspace, out);
    out.push_str(",\"kind\":");
    text::quote(kind, out);
    out.push_str(",\"id\":");
    text::quote(id, out);
    // Documents are written once, when the world is made, so the digest of the text is the digest of the document.
    let _ = write!(out, ",\"sha256\":\"{}\"", text::sha256(doc.as_bytes()));
    if let Some((digest, length)) = bytes {
        let _ = write!(
            out,
            ",\"bytes_sha256\":\"{digest}\",\"bytes_length\":{length}"
        );
    }
    out.push_str(",\"doc\":");
    out.push_str(doc);
    out.push_str("}\n");
}
