//! Where the examples stand: the workspaces and registries, and what each of them shows.

use super::document::{Shelf, discovered, field};
use super::published::{Body, Example};
use crate::emulator::arm::{Place, above, place};
use crate::emulator::mint::Mint;
use crate::emulator::world::tenant::Subscription;
use crate::emulator::world::{Home, Item, Kind, Origins, Published, Workspace, World};
use std::collections::{BTreeMap, HashMap};

pub(super) const PROVIDER: &str = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.MachineLearningServices/";

/// All examples of workspaces, or of registries, each where it belongs.
#[derive(Debug)]
struct Room {
    home: Home,
    /// The documents of the workspaces themselves.
    own: Vec<String>,
    computes: Shelf,
    /// The short forms of computes, which only their list shows.
    short: BTreeMap<String, String>,
    shelves: BTreeMap<usize, Shelf>,
    /// Published paths below a workspace, and the words and names of them.
    paths: Vec<Vec<String>>,
    published: Published,
}

/// The world, or nothing where no workspace is among the examples.
pub(super) fn settle(
    examples: &[Example],
    mint: Mint,
    tenant: String,
    origins: &Origins,
) -> Option<World> {
    let of_workspace = format!("{PROVIDER}workspaces/{{workspaceName}}");
    let first = examples
        .iter()
        .find(|example| example.path == of_workspace)?;
    let subscription = first.names.get("subscriptionId")?.to_lowercase();
    let group = first.names.get("resourceGroupName")?.clone();
    let of_registry = format!("{PROVIDER}registries/{{registryName}}");
    let mut workspaces = Room::of(Home::Workspace);
    let mut registries = Room::of(Home::Registry);
    let mut outside = Published::default();
    let mut listed = Vec::new();
    for example in examples {
        if let Some(rest) = example.path.strip_prefix(&of_workspace) {
            workspaces.take(example, rest);
        } else if let Some(rest) = example.path.strip_prefix(&of_registry) {
            registries.take(example, rest);
        } else if let Some(home) = [Home::Workspace, Home::Registry]
            .into_iter()
            .find(|home| example.path.ends_with(&format!("/{}", home.word())))
        {
            if let Body::Many(docs) = &example.body {
                listed.extend(docs.iter().map(|doc| (home, doc.clone())));
            }
        } else {
            let mut names = example.names.clone();
            names.insert("subscriptionId".to_owned(), subscription.clone());
            names.insert("resourceGroupName".to_owned(), group.clone());
            let path = filled(&example.path, &names).join("/");
            keep(&mut outside, &path, &example.body);
        }
    }
    for (home, doc) in listed {
        let room = match home {
            Home::Workspace => &mut workspaces,
            Home::Registry => &mut registries,
        };
        if !room.own.contains(&doc) {
            room.own.push(doc);
        }
    }
    Some(World {
        workspaces: workspaces.made(&subscription, &group, mint, origins),
        registries: registries.made(&subscription, &group, mint, origins),
        subscriptions: vec![Subscription::first(&subscription)],
        subscription,
        tenant,
        published: outside,
    })
}

/// The segments of a path with the names of an example.
fn filled(path: &str, names: &BTreeMap<String, String>) -> Vec<String> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| {
            let name = segment.trim_start_matches('{').trim_end_matches('}');
            match names.get(name) {
                Some(value) if segment.starts_with('{') => value.clone(),
                _ => segment.to_owned(),
            }
        })
        .collect()
}

/// Keeps an answer that is no list of documents. Of several at one path the first is served.
fn keep(published: &mut Published, path: &str, body: &Body) {
    let text = match body {
        Body::One(text) => text.clone(),
        Body::Many(docs) => format!("{{\"value\":[{}]}}", docs.join(",")),
    };
    published.answers.entry(path.to_lowercase()).or_insert(text);
}

impl Room {
    fn of(home: Home) -> Self {
        Self {
            home,
            own: Vec::new(),
            computes: Shelf::default(),
            short: BTreeMap::new(),
            shelves: BTreeMap::new(),
            paths: Vec::new(),
            published: Published::default(),
        }
    }

    /// An example of an answer below a workspace or registry, or of one of these itself.
    fn take(&mut self, example: &Example, below: &str) {
        let path = filled(below, &example.names);
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        match (segments.as_slice(), &example.body) {
            ([], Body::One(doc)) => self.own.push(doc.clone()),
            (["computes"], Body::Many(docs)) => {
                self.short
                    .extend(docs.iter().map(|doc| (field(doc, "name"), doc.clone())));
            }
            (["computes", _], Body::One(doc)) => self.computes.put(doc),
            _ => match (place(self.home, &segments), &example.body) {
                (Some(Place::List(at, _)), Body::Many(docs)) => {
                    let held = self.shelves.entry(at).or_default();
                    for doc in docs {
                        held.put(doc);
                    }
                    self.paths.push(path);
                }
                (Some(Place::One(at, _)), Body::One(doc)) => {
                    self.shelves.entry(at).or_default().put(doc);
                    self.paths.push(path);
                }
                _ => keep(&mut self.published, &path.join("/"), &example.body),
            },
        }
    }

    fn made(
        &mut self,
        subscription: &str,
        group: &str,
        mint: Mint,
        origins: &Origins,
    ) -> Vec<Workspace> {
        // A compute that only the list shows has no other document.
        for (name, doc) in &self.short {
            if self.computes.names.iter().all(|(known, _)| known != name) {
                self.computes.put(doc);
            }
        }
        let shelves = self.shelves.values().chain([&self.computes]);
        let most = shelves.map(Shelf::most).max().unwrap_or(0);
        let mut made: Vec<Workspace> = Vec::new();
        let Some(last) = self.own.len().checked_sub(1) else {
            return made;
        };
        for n in 0..most.max(self.own.len()) {
            let doc = &self.own[n.min(last)];
            let mut name = field(doc, "name");
            if made.iter().any(|other| other.name == name) {
                name = format!("{name}-{}", n + 1);
            }
            let guid = mint.guid(&format!("{} {name}", self.home.one()));
            let doc = match self.home {
                Home::Workspace => {
                    let url = format!("{}/discovery/workspaces/{guid}", origins.arm);
                    discovered(doc, &url)
                }
                // Nothing of a registry is answered by another service, so nobody follows where it leads.
                Home::Registry => doc.clone(),
            };
            let (id, region) = (field(&doc, "id"), field(&doc, "location"));
            let doc = Item::verbatim(id, subscription, doc);
            let mut workspace = Workspace::new(&name, group, &region, guid, doc);
            workspace.home = self.home;
            self.furnish(&mut workspace, n);
            made.push(workspace);
        }
        made
    }

    fn furnish(&self, workspace: &mut Workspace, n: usize) {
        for (name, doc) in self.computes.shown(n) {
            let mut item = Item::verbatim(name, "", doc.to_owned());
            item.other = self.short.get(name).cloned();
            workspace.add(Kind::Computes, item);
        }
        let mut first: HashMap<Kind, String> = HashMap::new();
        // A collection stands behind the one that it is below, so its parents are there already.
        for (at, shelf) in &self.shelves {
            let kind = Kind::Resource(*at);
            let parent = match above(*at) {
                None => String::new(),
                Some(above) => match first.get(&above) {
                    Some(parent) => parent.clone(),
                    None => continue,
                },
            };
            for (name, doc) in shelf.shown(n) {
                let id = if parent.is_empty() {
                    name.to_owned()
                } else {
                    format!("{parent}/{name}")
                };
                first.entry(kind).or_insert_with(|| id.clone());
                workspace.add(kind, Item::verbatim(id, &parent, doc.to_owned()));
            }
        }
        workspace.published = self.published.clone();
        for path in &self.paths {
            workspace
                .published
                .stands
                .extend(stands(path, &first, workspace));
        }
    }
}

/// Where what is published at a path stands: below the first document of its parent's list, under a name that is there.
fn stands(
    path: &[String],
    first: &HashMap<Kind, String>,
    workspace: &Workspace,
) -> Option<(String, Vec<String>)> {
    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
    let (at, id) = match place(workspace.home, &segments)? {
        Place::List(at, _) => (at, None),
        Place::One(at, id) => (at, Some(id)),
    };
    let names = match &id {
        // The name that the path ends with may be another than that of the document in the example.
        Some(id) if workspace.table(Kind::Resource(at)).get(id).is_none() => {
            first.get(&Kind::Resource(at))?.clone()
        }
        Some(id) => id.clone(),
        None => above(at)
            .and_then(|above| first.get(&above))
            .cloned()
            .unwrap_or_default(),
    };
    // Names stand at every second place, behind the word of their collection.
    let mut names = names.split('/');
    let mut there = path.to_vec();
    for segment in there.iter_mut().skip(1).step_by(2) {
        names.next()?.clone_into(segment);
    }
    Some((path.join("/").to_lowercase(), there))
}
