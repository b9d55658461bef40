//! What happens as plain lines for logs, or as JSON Lines for programs. Both go to stderr: stdout is for data.

use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::kinds::roots;
use crate::report::{Event, Reporter, Severity};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loudness {
    Quiet,
    Usual,
    /// Every request too.
    Verbose,
}

/// One line for everything worth a line.
pub(super) struct Lines {
    loudness: Loudness,
    json: bool,
    started: Instant,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    items: u64,
    bytes: u64,
    said: Option<Instant>,
}

/// At most one line of progress in this time.
const EVERY: Duration = Duration::from_secs(5);

impl Lines {
    /// Lines for people, or JSON Lines.
    pub(super) fn new(loudness: Loudness, json: bool) -> Self {
        Self {
            loudness,
            json,
            started: Instant::now(),
            progress: Mutex::default(),
        }
    }

    fn json(&self, event: &Event) {
        let value = as_json(event, self.started.elapsed());
        if let Some(mut value) = value {
            clean(&mut value);
            let mut line = value.to_string();
            line.push('\n');
            // A listener that went away must not end the export.
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

impl Reporter for Lines {
    fn report(&self, event: &Event) {
        if self.json {
            if self.loudness == Loudness::Verbose
                || !matches!(
                    event,
                    Event::Sent { .. } | Event::Bytes { .. } | Event::Items { .. }
                )
            {
                self.json(event);
            }
            return;
        }
        let wrong = match event {
            Event::Interrupted => true,
            Event::Missing(gap) => gap.severity == Severity::Gap,
            _ => false,
        };
        if self.loudness == Loudness::Quiet && !wrong {
            return;
        }
        match event {
            Event::Items { count, .. } => {
                if let Ok(mut progress) = self.progress.lock() {
                    progress.items += count;
                    let now = Instant::now();
                    let due = progress.said.unwrap_or(self.started) + EVERY <= now;
                    if due {
                        progress.said = Some(now);
                        let text = format!(
                            "{} items, {} so far, {} s",
                            progress.items,
                            super::screen::size(progress.bytes),
                            self.started.elapsed().as_secs()
                        );
                        drop(progress);
                        super::screen::talk(&text);
                    }
                }
            }
            Event::Bytes { count } => {
                if let Ok(mut progress) = self.progress.lock() {
                    progress.bytes += count;
                }
            }
            Event::Sent { .. } if self.loudness < Loudness::Verbose => {}
            _ => {
                if let Some(text) = words(event) {
                    super::screen::talk(&text);
                }
            }
        }
    }
}

/// An event in a sentence; `None` when it is not worth one.
pub(super) fn words(event: &Event) -> Option<String> {
    match event {
        Event::Said(text) => Some(text.clone()),
        Event::Workspace { name } => {
            let root = roots::root_of_label(name);
            Some(format!("{} {}", root.one, root.name_of(name)))
        }
        Event::Waiting { host, wait, why } => Some(format!(
            "{} {host}, going on in {}",
            why.words(),
            seconds(*wait)
        )),
        Event::Generation {
            service,
            workspace,
            generation,
        } if *generation < 2 => Some(format!(
            "the service {service} of {workspace} answers in its older form only"
        )),
        Event::Missing(gap) => {
            let word = if gap.severity == Severity::Gap {
                "missing"
            } else {
                "note"
            };
            let parent = gap
                .parent
                .as_ref()
                .map(|parent| format!(" of {parent}"))
                .unwrap_or_default();
            Some(format!("{word}: {}{parent}: {}", gap.kind, gap.detail.as_ref().unwrap_or(&gap.reason)))
        }
        Event::Sent {
            host,
            method,
            path,
            status,
            request_id,
            took,
        } => {
            let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            let id = request_id
                .as_ref()
                .map(|id| format!(", request id {id}"))
                .unwrap_or_default();
            Some(format!(
                "{method} {host}{path}: {status} in {} ms{id}",
                took.as_millis()
            ))
        }
        Event::Interrupted => Some(
            "stopping: what is under way is finished, for 8 seconds at most, and kept; press Ctrl-C again to end at once"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Every text in it, as safe as on the screen.
fn clean(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = super::screen::safe(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(clean),
        serde_json::Value::Object(map) => map.values_mut().for_each(clean),
        _ => {}
    }
}

/// A wait in words, never shorter than it is.
fn seconds(wait: Duration) -> String {
    if wait < Duration::from_secs(1) {
        format!("{} ms", wait.as_millis())
    } else {
        format!("{} s", wait.as_millis().div_ceil(1000))
    }
}

/// An event as one JSON object, with the seconds since the start.
fn as_json(event: &Event, at: Duration) -> Option<serde_json::Value> {
    use serde_json::json;
    let mut value = match event {
        Event::Said(text) => json!({"event": "said", "text": text}),
        Event::Workspace { name } => json!({"event": "workspace", "workspace": name}),
        Event::ListStarted { kind, workspace } => {
            json!({"event": "list-started", "kind": kind, "workspace": workspace})
        }
        Event::PageKept {
            kind,
            workspace,
            items,
        } => json!({"event": "page-kept", "kind": kind, "workspace": workspace, "items": items}),
        Event::ListEnded { kind, workspace } => {
            json!({"event": "list-ended", "kind": kind, "workspace": workspace})
        }
        Event::Items {
            kind,
            workspace,
            count,
        } => json!({"event": "items", "kind": kind, "workspace": workspace, "count": count}),
        Event::Bytes { count } => json!({"event": "bytes", "count": count}),
        Event::FileDone { bytes } => json!({"event": "file-done", "bytes": bytes}),
        Event::Sent {
            host,
            method,
            path,
            status,
            request_id,
            took,
        } => json!({
            "event": "sent", "host": host, "method": method, "path": path, "status": status, "request_id": request_id, "ms": millis(*took)
        }),
        Event::Waiting { host, wait, why } => {
            json!({"event": "waiting", "host": host, "ms": millis(*wait), "why": why.words()})
        }
        Event::Generation {
            service,
            workspace,
            generation,
        } => {
            json!({"event": "generation", "service": service, "workspace": workspace, "generation": generation})
        }
        Event::Missing(gap) => {
            let mut value = serde_json::to_value(gap).ok()?;
            let map = value.as_object_mut()?;
            map.insert("event".to_owned(), "missing".into());
            map.insert("request_id".to_owned(), gap.request_id.clone().into());
            value
        }
        Event::Interrupted => json!({"event": "interrupted"}),
    };
    value
        .as_object_mut()?
        .insert("at_ms".to_owned(), millis(at).into());
    Some(value)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
