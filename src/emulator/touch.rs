//! Changes from outside, as if somebody else had made them: a document is patched, taken away, or brought back as it was,
//! as it comes back with a restore.

use super::copies;
use super::deeds::{belongs, lesser};
use super::hub::Hub;
use super::reply::Reply;
use super::synthetic;
use super::text;
use super::world::{Home, Item, Kind, Standing, Workspace, jobs};
use serde_json::{Value, json};

pub(crate) fn answer(hub: &Hub, wanted: &Value) -> Reply {
    match touch(hub, wanted) {
        Ok(()) => Reply::json(200, &json!({"touched": true})),
        Err(why) => Reply::json(404, &json!({"error": why})),
    }
}

fn touch(hub: &Hub, wanted: &Value) -> Result<(), String> {
    let text = |name: &str| {
        wanted
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("a touch needs {name}"))
    };
    let (home, place) = match text(Home::Registry.one()) {
        Ok(registry) => (Home::Registry, registry),
        Err(_) => (Home::Workspace, text(Home::Workspace.one())?),
    };
    let (kind, id) = (text("kind")?, text("id")?);
    let is = |name: &str| wanted.get(name).and_then(Value::as_bool) == Some(true);
    let mut world = hub.world_mut();
    let workspace = world
        .homes_mut(home)
        .iter_mut()
        .find(|workspace| workspace.name == place)
        .ok_or_else(|| format!("there is no {} {place}", home.one()))?;
    let patch = wanted.get("set");
    let touched = if kind == home.word() {
        let end = match (is("gone"), is("soft"), is("back")) {
            (true, ..) => Some(Standing::Gone),
            (_, true, _) => Some(Standing::Soft),
            (.., true) => Some(Standing::Live),
            _ => None,
        };
        touch_workspace(workspace, patch, end)
    } else {
        let kind = Kind::named(kind).ok_or_else(|| format!("there is no kind {kind}"))?;
        if is("gone") {
            take(hub, workspace, kind, id)
        } else if is("back") {
            restore(hub, workspace, kind, id)
        } else if let Some(count) = wanted.get("copies").and_then(Value::as_u64) {
            copies::add(workspace, kind, id, count)
        } else {
            patch.is_some_and(|patch| set(workspace, kind, id, patch))
        }
    };
    if touched {
        Ok(())
    } else {
        Err(format!(
            "nothing of {kind} {id} in {place} could be touched that way"
        ))
    }
}

fn touch_workspace(
    workspace: &mut Workspace,
    patch: Option<&Value>,
    end: Option<Standing>,
) -> bool {
    if let Some(end) = end {
        return std::mem::replace(&mut workspace.standing, end) != end;
    }
    let Some(patch) = patch else { return false };
    workspace.doc.change(|doc| text::patch(doc, patch));
    true
}

fn set(workspace: &mut Workspace, kind: Kind, id: &str, patch: &Value) -> bool {
    let Some(item) = workspace.table_mut(kind).get_mut(id) else {
        return false;
    };
    item.change(|doc| {
        text::patch(doc, patch);
        renew(doc);
    });
    if let Some(twin) = item_of_twin(workspace, kind, id) {
        twin.change(|doc| text::patch(doc, patch));
    }
    let Some(item) = workspace.table_mut(kind).get_mut(id) else {
        return false;
    };
    if let Some(other) = &item.other {
        let mut face: Value = serde_json::from_str(other).unwrap_or(Value::Null);
        // A datastore with its secrets shows all that it shows without them; other second faces show less.
        if kind == Kind::Datastores {
            text::patch(&mut face, patch);
        } else {
            text::patch_known(&mut face, patch);
        }
        item.other = Some(text::render(&face));
    }
    // The details of a run say what the run says.
    if kind == Kind::Runs
        && let Some(details) = workspace.table_mut(Kind::RunDetails).get_mut(id)
    {
        details.change(|doc| {
            for (name, value) in patch.as_object().into_iter().flatten() {
                if let Some(inner) = doc.get_mut(name) {
                    text::patch(inner, value);
                }
            }
        });
    }
    if kind == Kind::Runs {
        jobs::renew(workspace, id);
    }
    true
}

/// Whatever changes a document gives it a new version.
fn renew(doc: &mut Value) {
    for name in ["Etag", "etag"] {
        if let Some(version) = doc.get_mut(name)
            && let Some(text) = version.as_str()
        {
            *version = Value::from(format!("{text}+"));
        }
    }
}

/// A published pipeline stands among the pipelines as well, under the same id.
fn twin(kind: Kind) -> Option<Kind> {
    (kind == Kind::PublishedPipelines).then_some(Kind::Pipelines)
}

fn item_of_twin<'w>(workspace: &'w mut Workspace, kind: Kind, id: &str) -> Option<&'w mut Item> {
    workspace.table_mut(twin(kind)?).get_mut(id)
}

/// A computed run, which stands in no table.
fn computed(hub: &Hub, workspace: &Workspace, kind: Kind, id: &str) -> Option<u64> {
    let shape = workspace.shape.as_ref().filter(|_| kind == Kind::Runs)?;
    synthetic::index_of(hub.mint, shape, id)
}

fn take(hub: &Hub, workspace: &mut Workspace, kind: Kind, id: &str) -> bool {
    if let Some(index) = computed(hub, workspace, kind, id) {
        return workspace.gone.insert(index);
    }
    let taken = workspace
        .table_mut(kind)
        .remove(|item: &Item| item.id == id);
    if let Some(twin) = twin(kind) {
        workspace.table_mut(twin).remove(|item| item.id == id);
    }
    for lesser in lesser(kind) {
        workspace
            .table_mut(lesser)
            .remove(|item| belongs(lesser, item, id));
    }
    !taken.is_empty()
}

fn restore(hub: &Hub, workspace: &mut Workspace, kind: Kind, id: &str) -> bool {
    if let Some(index) = computed(hub, workspace, kind, id) {
        return workspace.gone.remove(&index);
    }
    let count = workspace.table_mut(kind).restore(|item| item.id == id);
    if let Some(twin) = twin(kind) {
        workspace.table_mut(twin).restore(|item| item.id == id);
    }
    for lesser in lesser(kind) {
        workspace
            .table_mut(lesser)
            .restore(|item| belongs(lesser, item, id));
    }
    count > 0
}
