//! The truth: a line for each document that the world holds, with the digest that a faithful copy must have.

use super::arm;
use super::blob;
use super::hub::Hub;
use super::synthetic;
use super::text;
use super::world::{Blob, Home, Kind, Standing, Workspace};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

/// Where the telling stands: which workspace or registry, which kind, which row.
#[derive(Clone, Copy, Default)]
struct Place {
    workspace: usize,
    kind: usize,
    row: u64,
}

/// How much is told at a time: enough to be quick, little enough not to hold the world for long.
const CHUNK: usize = 1 << 17;
/// The same for tellers that read much and say little.
const ROWS: usize = 500;

/// The bytes that belong to a document.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    None,
    Held(&'a Blob),
    /// Noise, from a key and to a length.
    Computed(u64, u64),
}

/// One document, as every teller gets it.
pub(crate) struct Row<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
    pub(crate) text: &'a str,
    pub(crate) content: Content<'a>,
}

pub(crate) fn stream(
    hub: &Arc<Hub>,
    only: Option<(Home, &str)>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    told_by(hub, only, line)
}

/// Goes through all documents and streams what is said about each.
pub(crate) fn told_by(
    hub: &Arc<Hub>,
    only: Option<(Home, &str)>,
    say: impl Fn(&mut String, &Row<'_>) + Send + Sync + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let hub = Arc::clone(hub);
    let only = only.map(|(home, name)| (home, name.to_owned()));
    stream::unfold(Some(Place::default()), move |place| {
        let told = place.map(|place| tell(&hub, only.as_ref(), place, &say));
        async move {
            let (text, next) = told?;
            // Long truths must not keep others from being served.
            tokio::task::yield_now().await;
            Some((Ok(Bytes::from(text)), next))
        }
    })
}

fn tell(
    hub: &Hub,
    only: Option<&(Home, String)>,
    mut place: Place,
    say: &impl Fn(&mut String, &Row<'_>),
) -> (String, Option<Place>) {
    let world = hub.world();
    let mut out = String::with_capacity(CHUNK * 2);
    let mut rows_read = 0;
    let at = |place: usize| {
        let registry = || world.registries.get(place - world.workspaces.len());
        world.workspaces.get(place).or_else(registry)
    };
    while let Some(workspace) = at(place.workspace) {
        let meant =
            |(home, name): &(Home, String)| workspace.home == *home && workspace.name == *name;
        let wanted = only.is_none_or(meant) && workspace.standing == Standing::Live;
        if !wanted {
            place = Place {
                workspace: place.workspace + 1,
                ..Place::default()
            };
            continue;
        }
        if place.kind == 0 && place.row == 0 {
            let row = Row {
                workspace,
                kind: workspace.home.word(),
                id: &workspace.doc.id,
                text: &workspace.doc.text,
                content: Content::None,
            };
            say(&mut out, &row);
            for (kind, id, text) in arm::around(hub, &world, workspace) {
                let row = Row {
                    workspace,
                    kind,
                    id: &id,
                    text: &text,
                    content: Content::None,
                };
                say(&mut out, &row);
            }
        }
        let Some((kind, name)) = Kind::told(place.kind) else {
            place = Place {
                workspace: place.workspace + 1,
                ..Place::default()
            };
            continue;
        };
        let shape = workspace.shape.as_ref();
        let computed = shape
            .and_then(|shape| synthetic::count(shape, kind))
            .unwrap_or(0);
        if let Some(shape) = shape {
            while place.row < computed {
                if synthetic::is_gone(hub.mint, workspace, kind, place.row) {
                    place.row += 1;
                    continue;
                }
                for told in synthetic::tell(hub.mint, shape, kind, place.row) {
                    let row = Row {
                        workspace,
                        kind: name,
                        id: &told.id,
                        text: &told.text,
                        content: told.bytes.map_or(Content::None, |(key, length)| {
                            Content::Computed(key, length)
                        }),
                    };
                    say(&mut out, &row);
                }
                place.row += 1;
                rows_read += 1;
                if out.len() >= CHUNK || rows_read >= ROWS {
                    return (out, Some(place));
                }
            }
        }
        let table = workspace.table(kind);
        // Rows that are held are counted on from those that are computed.
        let mut at = usize::try_from(place.row - computed).unwrap_or(usize::MAX);
        while at < table.places() {
            if let Some(item) = table.row(at) {
                let row = Row {
                    workspace,
                    kind: name,
                    id: &item.id,
                    text: &item.text,
                    content: item.blob.as_ref().map_or(Content::None, Content::Held),
                };
                say(&mut out, &row);
            }
            at += 1;
            rows_read += 1;
            place.row = computed + at as u64;
            if out.len() >= CHUNK || rows_read >= ROWS {
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

/// The digest of computed content, without ever holding it.
fn computed(key: u64, length: u64) -> String {
    let mut hash = Sha256::new();
    for piece in blob::pieces(key, 0, length) {
        hash.update(&piece);
    }
    text::hex(&hash.finalize())
}

/// What every teller begins with.
pub(crate) fn place(out: &mut String, row: &Row<'_>) {
    text::quote(row.workspace.home.one(), out);
    out.push(':');
    text::quote(&row.workspace.name, out);
    out.push_str(",\"kind\":");
    text::quote(row.kind, out);
    out.push_str(",\"id\":");
    text::quote(row.id, out);
}

fn line(out: &mut String, row: &Row<'_>) {
    out.push('{');
    place(out, row);
    // Documents are written once, when the world is made, so the digest of the text is the digest of the document.
    let _ = write!(out, ",\"sha256\":\"{}\"", text::sha256(row.text.as_bytes()));
    let bytes = match row.content {
        Content::None => None,
        Content::Held(blob) => Some((text::sha256(&blob.bytes), blob.bytes.len() as u64)),
        Content::Computed(key, length) => Some((computed(key, length), length)),
    };
    if let Some((digest, length)) = bytes {
        let _ = write!(
            out,
            ",\"bytes_sha256\":\"{digest}\",\"bytes_length\":{length}"
        );
    }
    out.push_str(",\"doc\":");
    out.push_str(row.text);
    out.push_str("}\n");
}
