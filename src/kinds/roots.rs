//! What lies below nothing else of ours: workspaces, and beside them registries. The fixed word of its address, the word for
//! a single one, and the name that everything below it goes by.

use super::item::escape;
use super::{Kind, Service, all, find};

/// A sort of root. Its row has the same name as the word of its address and as its folder in a bag.
#[derive(Debug, PartialEq, Eq)]
pub struct Root {
    /// The name of its row: `workspaces`.
    pub kind: &'static str,
    /// A single one, in a sentence and as the name of its file: `workspace`.
    pub one: &'static str,
}

/// Workspaces.
pub static WORKSPACES: Root = Root {
    kind: "workspaces",
    one: "workspace",
};

/// Registries: they lie outside of every workspace and hold what workspaces share.
pub static REGISTRIES: Root = Root {
    kind: "registries",
    one: "registry",
};

/// Every sort, workspaces first.
pub static ROOTS: [&Root; 2] = [&WORKSPACES, &REGISTRIES];

impl Root {
    /// What follows the provider in the path of a list: what is listed below a resource group and a subscription alike.
    pub fn collection(&self) -> String {
        format!("/providers/Microsoft.MachineLearningServices/{}", self.kind)
    }

    /// The path of a single one below ARM and below every prefix of the data plane, percent-encoded.
    pub fn path(&self, subscription: &str, group: &str, name: &str) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}{}/{}",
            escape(subscription),
            escape(group),
            self.collection(),
            escape(name)
        )
    }

    /// The name that a single one goes by in every output. A workspace and a registry may have one name, so a registry says
    /// what it is: no name of a workspace or of a resource group has a blank in it.
    pub fn label(&self, name: &str) -> String {
        if *self == WORKSPACES {
            name.to_owned()
        } else {
            format!("{} {name}", self.one)
        }
    }

    /// The name by itself, of what goes by this label.
    pub fn name_of<'a>(&self, label: &'a str) -> &'a str {
        let bare = label
            .strip_prefix(self.one)
            .and_then(|rest| rest.strip_prefix(' '));
        bare.filter(|_| *self != WORKSPACES).unwrap_or(label)
    }

    /// The name that a list goes by when it says nothing of a single one: `registries of resource group NAME`.
    pub fn list_label(&self, of: &str) -> String {
        format!("{} of {of}", self.kind)
    }

    /// Its row.
    pub fn row(&self) -> Option<&'static Kind> {
        find(self.kind)
    }

    /// Whether anything below it is answered by another service than the resource manager: then its document says where.
    pub fn has_services(&self) -> bool {
        all().any(|kind| kind.service != Service::Arm && root_of(kind) == self)
    }
}

/// The root that a kind lies below, or is.
pub fn root_of(kind: &Kind) -> &'static Root {
    let mut top = kind.name;
    let mut above = kind.parent;
    while let Some(row) = above.and_then(find) {
        top = row.name;
        above = row.parent;
    }
    ROOTS
        .into_iter()
        .find(|root| root.kind == top)
        .unwrap_or(&WORKSPACES)
}

/// A single one in a sentence, by its name in outputs: `workspace lab`, `registry shared`.
pub fn in_words(label: &str) -> String {
    let root = root_of_label(label);
    format!("{} {}", root.one, root.name_of(label))
}

/// The root whose name in outputs this is, of a single one or of a list.
pub fn root_of_label(label: &str) -> &'static Root {
    ROOTS
        .into_iter()
        .filter(|root| **root != WORKSPACES)
        .find(|root| {
            [root.one, root.kind].iter().any(|word| {
                label
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.starts_with(' '))
            })
        })
        .unwrap_or(&WORKSPACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_not_taken_for_a_workspace_of_its_name() {
        for name in [
            "registry",
            "registries",
            "lab",
            "registry-of-models",
            "rg/registry",
        ] {
            let (workspace, registry) = (WORKSPACES.label(name), REGISTRIES.label(name));
            assert_ne!(workspace, registry);
            assert_eq!(root_of_label(&workspace), &WORKSPACES, "{workspace}");
            assert_eq!(root_of_label(&registry), &REGISTRIES, "{registry}");
            assert_eq!(REGISTRIES.name_of(&registry), name);
            assert_eq!(WORKSPACES.name_of(&workspace), name);
            assert_eq!(in_words(&workspace), format!("workspace {name}"));
            assert_eq!(in_words(&registry), format!("registry {name}"));
        }
        let list = REGISTRIES.list_label("subscription s");
        assert_eq!(root_of_label(&list), &REGISTRIES, "{list}");
    }

    #[test]
    fn services_are_looked_for_where_there_are_any() {
        assert!(WORKSPACES.has_services());
        assert!(!REGISTRIES.has_services());
    }
}
