//! Who changes something, and how it is written down.

use super::belongings::{belongs, lesser};
use crate::emulator::ask::Ask;
use crate::emulator::diary;
use crate::emulator::hub::Hub;
use crate::emulator::ledger::{Effect, Entry};
use crate::emulator::route;
use crate::emulator::serve;
use crate::emulator::world::{Home, Item, Kind, Workspace};
use std::sync::Arc;

/// The request behind a change. An operation keeps it until its effect takes place.
#[derive(Clone)]
pub(super) struct Hand {
    pub(super) hub: Arc<Hub>,
    method: &'static str,
    path: String,
    home: Home,
}

impl Hand {
    pub(super) fn of(hub: &Arc<Hub>, ask: &Ask) -> Self {
        Self {
            hub: Arc::clone(hub),
            method: serve::name(ask),
            path: diary::address(&ask.path, &ask.raw_query),
            home: match route::scope_of(Home::Registry, &ask.segments) {
                Some(_) => Home::Registry,
                None => Home::Workspace,
            },
        }
    }

    pub(super) fn note(&self, workspace: &str, kind: &'static str, id: &str, effect: Effect) {
        self.hub.ledger.write(Entry {
            method: self.method,
            path: self.path.clone(),
            home: self.home,
            name: workspace.to_owned(),
            kind,
            id: id.to_owned(),
            effect,
        });
    }

    /// Takes documents away, and what hangs on each of them alone; says how many of the first there were.
    pub(super) fn take(
        &self,
        workspace: &mut Workspace,
        kind: Kind,
        effect: Effect,
        condemned: impl FnMut(&Item) -> bool,
    ) -> usize {
        let taken = workspace.table_mut(kind).remove(condemned);
        for item in &taken {
            self.note(&workspace.name, kind.word(), &item.id, effect);
            self.bereave(workspace, kind, &item.id);
        }
        taken.len()
    }

    /// Takes what hangs on a document that is gone.
    pub(super) fn bereave(&self, workspace: &mut Workspace, kind: Kind, id: &str) {
        for lesser in lesser(kind) {
            let taken = workspace
                .table_mut(lesser)
                .remove(|item| belongs(lesser, item, id));
            for item in taken {
                self.note(&workspace.name, lesser.word(), &item.id, Effect::Taken);
            }
        }
    }

    /// Changes a document and writes it down, unless it stays as it was. Nothing when there is no such document.
    pub(super) fn change(
        &self,
        workspace: &mut Workspace,
        kind: Kind,
        id: &str,
        effect: Effect,
        with: impl FnOnce(&mut serde_json::Value),
    ) -> Option<String> {
        let name = workspace.name.clone();
        workspace.table(kind).held(id)?;
        let item = workspace.table_mut(kind).get_mut(id)?;
        let before = std::mem::take(&mut item.text);
        item.change(with);
        if item.text != before {
            self.note(&name, kind.word(), id, effect);
        }
        Some(item.text.clone())
    }
}
