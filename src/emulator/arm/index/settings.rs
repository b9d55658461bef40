//! What is set about the index, and how much of its quota is used up.

use crate::emulator::world::Workspace;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How the index behaves.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Rows of a page, whatever larger number is asked for.
    pub(super) page: usize,
    /// So many queries in so much time.
    pub(super) quota: Option<(u64, Duration)>,
    /// Ids that the index has not seen yet, and ids that the lists of the subscriptions leave out.
    hides: Vec<String>,
    lists_hide: Vec<String>,
    /// There are more subscriptions than a query covers.
    pub(super) partial: bool,
    /// The first page is all that is given.
    pub(super) truncated: bool,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            page: 3,
            quota: None,
            hides: Vec::new(),
            lists_hide: Vec::new(),
            partial: false,
            truncated: false,
        }
    }
}

fn names(ids: &[String], workspace: &Workspace) -> bool {
    ids.iter()
        .any(|id| id.eq_ignore_ascii_case(&workspace.doc.id))
}

fn ids(value: &Value) -> Option<Vec<String>> {
    let ids = value.as_array()?.iter();
    ids.map(|id| id.as_str().map(str::to_owned)).collect()
}

impl Index {
    pub(super) fn hidden_from_index(&self, workspace: &Workspace) -> bool {
        names(&self.hides, workspace)
    }

    pub(crate) fn hidden_from_lists(&self, workspace: &Workspace) -> bool {
        names(&self.lists_hide, workspace)
    }

    /// Changes one setting; nothing when it is none of these, or has no such value.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "resource_graph_page" => {
                self.page = usize::try_from(value.as_u64().filter(|rows| *rows > 0)?).ok()?;
            }
            "resource_graph_quota" => {
                self.quota = if value.is_null() {
                    None
                } else {
                    let queries = value.get("queries")?.as_u64()?;
                    let seconds = value.get("seconds")?.as_u64()?;
                    Some((queries, Duration::from_secs(seconds)))
                };
            }
            "resource_graph_hides" => self.hides = ids(value)?,
            "lists_hide" => self.lists_hide = ids(value)?,
            "resource_graph_partial" => self.partial = value.as_bool()?,
            "resource_graph_truncated" => self.truncated = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    pub(crate) fn tell(&self, told: &mut Map<String, Value>) {
        let quota = self
            .quota
            .map(|(queries, time)| json!({"queries": queries, "seconds": time.as_secs()}));
        for (name, value) in [
            ("resource_graph_page", json!(self.page)),
            ("resource_graph_quota", json!(quota)),
            ("resource_graph_hides", json!(self.hides)),
            ("lists_hide", json!(self.lists_hide)),
            ("resource_graph_partial", json!(self.partial)),
            ("resource_graph_truncated", json!(self.truncated)),
        ] {
            told.insert(name.to_owned(), value);
        }
    }
}

/// The stretch of time that queries are counted in. It begins with a query.
#[derive(Debug, Default)]
pub(crate) struct Window(Mutex<Option<(Instant, u64)>>);

/// What the service says when it counts nothing: the quota of a user.
const USUAL: (u64, Duration) = (15, Duration::from_secs(5));

impl Window {
    /// Counts a query. What is left and when there is more; or only the latter, when nothing was left.
    pub(super) fn take(&self, quota: Option<(u64, Duration)>) -> Result<(u64, Duration), Duration> {
        let Some((most, time)) = quota else {
            return Ok((USUAL.0, USUAL.1));
        };
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (began, used) = window
            .filter(|(began, _)| now.duration_since(*began) < time)
            .unwrap_or((now, 0));
        let resets = time.saturating_sub(now.duration_since(began));
        if used >= most {
            return Err(resets);
        }
        *window = Some((began, used + 1));
        Ok((most - used - 1, resets))
    }
}
