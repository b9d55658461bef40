//! What happens to one item, by itself: a total function. What other items make of that is settled in `settle`.

use super::Refusal;
use super::item::Chosen;
use super::item::Item;
use super::model::{Becomes, Decision, Limits};
use super::protect::Protect;
use super::rest::Held;
use super::way::way;
use crate::kinds::Erase;

/// What was asked for, beside the items.
#[derive(Debug, Clone)]
pub struct Options {
    /// The whole workspace.
    pub whole: bool,
    /// The workspace is kept for 14 days.
    pub soft: bool,
    pub max_items: u64,
    pub max_percent: u32,
    pub protect: Protect,
    /// What the export holds; nothing else is erased. `None` when it was said that no export is wanted.
    pub held: Option<Held>,
    /// The name of the workspace's storage account.
    pub storage: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            whole: false,
            soft: false,
            max_items: MAX_ITEMS,
            max_percent: MAX_PERCENT,
            protect: Protect::default(),
            held: None,
            storage: None,
        }
    }
}

/// Items that a plan takes at most, unless it was raised.
pub const MAX_ITEMS: u64 = 1_000;
/// Percent of a workspace that a plan takes at most, unless it was raised.
pub const MAX_PERCENT: u32 = 25;

impl Options {
    /// The limits as a plan says them.
    pub fn limits(&self) -> Limits {
        Limits {
            max_items: self.max_items,
            max_percent: self.max_percent,
            protect: self.protect.globs().to_vec(),
        }
    }

    /// With these globs protected.
    pub fn protecting(self, globs: &[String]) -> Result<Self, Refusal> {
        Ok(Self {
            protect: Protect::new(globs)?,
            ..self
        })
    }
}

/// What happens to an item as far as it alone is concerned, and why. `WithParent` means that it goes when what it hangs on
/// goes.
pub fn decide(item: &Item, options: &Options) -> (Decision, String) {
    let root = item.kind.parent.is_none();
    if root && !options.whole {
        return keep(match crate::kinds::root_of(item.kind).one {
            "registry" => "many share it; only --whole-registry erases a registry",
            _ => "many share it; only --workspace erases a workspace",
        });
    }
    if let Some(why) = options.protect.why(item.kind.name, &item.id, &item.doc) {
        return keep(&why);
    }
    match item.chosen {
        Chosen::Candidate => {
            return keep(&format!(
                "it may be about somebody else, and a person has to judge: name it with --include-item {}",
                item.name()
            ));
        }
        Chosen::Contradicted => {
            return keep(&format!(
                "it shows the address beside somebody else's object id, and a person has to judge: name it with --include-item {}",
                item.name()
            ));
        }
        Chosen::Belongs | Chosen::Filter | Chosen::Exact | Chosen::Named => {}
    }
    if let Some(held) = &options.held
        && !held.has(item.kind.name, &item.id)
    {
        return keep("the export does not hold it: export again, or say --without-export");
    }
    if item.remove().is_some() {
        return match way(item, "", options) {
            Some(way) if way.becomes == Becomes::Disabled => (
                Decision::Disable,
                "no API erases it; it is switched off, which erases nothing".to_owned(),
            ),
            Some(_) => (Decision::Delete, chosen(item.chosen).to_owned()),
            None => (
                Decision::Cannot,
                "its document lacks a part of the address that would erase it: look at it in the studio, or ask Microsoft's support".to_owned(),
            ),
        };
    }
    match item.kind.erase {
        Erase::WithParent if hangs(item) => (
            Decision::WithParent,
            "it goes with what it hangs on".to_owned(),
        ),
        Erase::WithParent => cannot("no API erases it alone"),
        Erase::Never(why) | Erase::ArchiveOnly(why) => cannot(why),
        Erase::Elsewhere(why) => (Decision::Cannot, why.to_owned()),
        Erase::Now(why) | Erase::Slow(why) => cannot(&format!(
            "this program does not make the call that erases it ({why})"
        )),
    }
}

/// Whether it hangs on something other than the workspace.
fn hangs(item: &Item) -> bool {
    !item.ups().is_empty()
}

fn keep(why: &str) -> (Decision, String) {
    (Decision::Keep, why.to_owned())
}

fn cannot(why: &str) -> (Decision, String) {
    (
        Decision::Cannot,
        format!(
            "{why}; it goes when the whole workspace is erased, and otherwise only Microsoft's support can be asked"
        ),
    )
}

fn chosen(chosen: Chosen) -> &'static str {
    match chosen {
        Chosen::Exact => "the person stands in it",
        Chosen::Named => "it was named",
        Chosen::Filter => "it was asked for",
        _ => "it belongs to what was asked for",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::samples;
    use serde_json::json;

    fn of(item: &Item) -> Decision {
        decide(item, &Options::default()).0
    }

    #[test]
    fn only_what_is_settled_is_erased() {
        for (how, decision) in [
            (Chosen::Exact, Decision::Delete),
            (Chosen::Named, Decision::Delete),
            (Chosen::Filter, Decision::Delete),
            (Chosen::Belongs, Decision::Delete),
            (Chosen::Candidate, Decision::Keep),
            (Chosen::Contradicted, Decision::Keep),
        ] {
            let item = samples::item("models", "m:1", json!({"id": "m:1"})).chosen(how);
            assert_eq!(of(&item), decision, "{how:?}");
        }
    }

    #[test]
    fn a_candidate_says_how_it_is_named() {
        let item = samples::item("models", "m:1", json!({})).chosen(Chosen::Candidate);
        let (_, why) = decide(&item, &Options::default());
        assert!(why.ends_with("--include-item models/m:1"), "{why}");
    }

    #[test]
    fn nobody_loses_a_workspace_for_having_made_it() {
        let item = samples::item("workspaces", "w", json!({"name": "w"})).chosen(Chosen::Exact);
        assert_eq!(of(&item), Decision::Keep);
        let named = samples::item("workspaces", "w", json!({"name": "w"})).chosen(Chosen::Named);
        assert_eq!(of(&named), Decision::Keep);
        let whole = Options {
            whole: true,
            ..Options::default()
        };
        assert_eq!(decide(&item, &whole).0, Decision::Delete);
    }

    #[test]
    fn what_is_protected_stays_even_when_it_is_named() {
        let options = Options::default()
            .protecting(&["models/m*".to_owned()])
            .expect("globs");
        let item = samples::item("models", "m:1", json!({})).chosen(Chosen::Named);
        assert_eq!(decide(&item, &options).0, Decision::Keep);
        let tagged = samples::item("models", "x", json!({"kvTags": {"aml-dsr-keep": "1"}}));
        assert_eq!(of(&tagged), Decision::Keep);
    }

    #[test]
    fn what_the_export_does_not_hold_stays() {
        let mut held = Held::default();
        held.add("models", "m:1");
        let options = Options {
            held: Some(held),
            ..Options::default()
        };
        let of = |id: &str| decide(&samples::item("models", id, json!({})), &options).0;
        assert_eq!((of("m:1"), of("m:2")), (Decision::Delete, Decision::Keep));
    }

    #[test]
    fn what_no_api_erases_says_where_to_go() {
        let (decision, why) = decide(
            &samples::item("environments", "e", json!({"name": "e"})),
            &Options::default(),
        );
        assert_eq!(decision, Decision::Cannot);
        assert!(
            why.contains("no delete for environments") && why.contains("support"),
            "{why}"
        );
        let (decision, _) = decide(
            &samples::item("published-pipelines", "p", json!({"Id": "p"})),
            &Options::default(),
        );
        assert_eq!(decision, Decision::Disable);
    }

    #[test]
    fn an_address_that_cannot_be_filled_is_none() {
        // An empty name would make a collection of it.
        for id in ["", ".", ".."] {
            assert_eq!(
                of(&samples::item("models", id, json!({}))),
                Decision::Cannot,
                "{id:?}"
            );
        }
    }
}
