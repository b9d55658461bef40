//! The official examples as a world: what Microsoft published as answers of Microsoft.MachineLearningServices 2024-04-01,
//! served where they are published.
//!
//! **One place.** The examples name many subscriptions, groups and workspaces, most of them without a document of their
//! own. Here is one subscription and one group, those of the example of a workspace, and whatever was published below any
//! workspace is served below every workspace of this world. Registries stand beside them in the same way.
//!
//! **Lists and documents.** A collection holds the documents of the examples of its list and of its `get`. Where a
//! collection stands below documents (the versions of a model), the examples name a parent that no list shows: the
//! collection stands below the first document that its parent's list shows. At the published path it answers as well.
//! The list of computes shows the short forms of its own example, and their documents are those of `get`.
//!
//! **Several documents of one name.** Names are unique in a collection, but the examples are not: the jobs of all types
//! are called `string`. So the world has as many workspaces as the most frequent name has documents. The first shows the
//! first document of each name, the second the second, and so on; of a name with fewer documents, the last. Each
//! workspace is itself one of the published documents of a workspace. Its address is the published one, as long as no
//! earlier one has that name; the others get a number, and stand in no list, since ids in lists have to lead somewhere.
//!
//! **Unchanged.** The documents are value for value as published, with two exceptions: a `nextLink`, which leads
//! nowhere in the examples, is left out, and lists have pages of this server instead; and `discoveryUrl` of a workspace leads to this
//! server, whose data plane holds nothing in this world.

mod document;
mod published;
mod settle;
#[cfg(test)]
mod tests;

pub use published::SpecificationsError;

use super::mint::Mint;
use super::world::contoso::Built;
use super::world::people;
use super::world::{Origins, World};
use std::collections::BTreeSet;
use std::path::Path;

/// Reads the examples below a directory and makes a world of them.
pub(crate) fn build(
    dir: &Path,
    seed: u64,
    origins: &Origins,
) -> Result<Built, SpecificationsError> {
    let examples = published::read(dir)?;
    let mint = Mint::new(seed);
    let tenant = mint.guid("tenant");
    let people = people::cast(mint, &tenant);
    let world: World = settle::settle(&examples, mint, tenant, origins).ok_or_else(|| {
        SpecificationsError::NoWorkspace {
            dir: dir.to_owned(),
        }
    })?;
    Ok(Built {
        world,
        planted: BTreeSet::new(),
        people,
    })
}
