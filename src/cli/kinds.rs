//! `kinds`: prints the catalogue.

use std::fmt::Write as _;

use super::commands::{Format, KindsArgs};
use super::ending::{Ending, Failure};
use super::screen;
use crate::kinds::removal::{Act, First, Leaves, Look, Remove};
use crate::kinds::{self, Base, Erase, Files, Kind, Walk};

/// Runs it.
pub(super) fn run(args: &KindsArgs, format: Format) -> anyhow::Result<Ending> {
    let one = match &args.kind {
        Some(name) => Some(kinds::find(name).ok_or_else(|| {
            Failure::usage(format!(
                "there is no kind `{name}`; `aml-dsr kinds` lists them"
            ))
        })?),
        None => None,
    };
    let text = match (format, one) {
        (Format::Json, Some(kind)) => serde_json::to_string_pretty(kind)?,
        (Format::Json, None) => serde_json::to_string_pretty(&kinds::all().collect::<Vec<_>>())?,
        (_, Some(kind)) => describe(kind),
        (_, None) => table(),
    };
    screen::data(&format!("{}\n", text.trim_end()));
    Ok(Ending::Done)
}

/// What erases a kind, in a word or two.
pub(super) fn erase_words(erase: Erase) -> &'static str {
    match erase {
        Erase::Now(_) => "DELETE",
        Erase::Slow(_) => "DELETE, takes a while",
        Erase::WithParent => "with its parent",
        Erase::ArchiveOnly(_) => "disable only",
        Erase::Never(_) => "no API",
        Erase::Elsewhere(_) => "not here",
    }
}

/// How a kind is found, in a word or two.
pub(super) fn found_words(kind: &Kind) -> String {
    let parent = kind.parent.unwrap_or_default();
    match kind.walk {
        Walk::Root => "named, or listed".to_owned(),
        Walk::Own if parent == "workspaces" => "listed".to_owned(),
        Walk::Own if parent == "registries" => "listed in a registry".to_owned(),
        Walk::Own | Walk::With | Walk::Finder => format!("listed under {parent}"),
        Walk::InContainers => format!("listed by the data container of {parent}"),
        Walk::InPointers => format!("where {parent} point"),
        Walk::ByReference if kind.by_name.is_some() => "by name, no list exists".to_owned(),
        Walk::ByReference => "by reference, no list exists".to_owned(),
    }
}

fn table() -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<30} {:<24} {:<40} {:<6} erased by",
        "kind", "family", "found", "bytes"
    );
    for kind in kinds::exported() {
        let line = format!(
            "{:<30} {:<24} {:<40} {:<6} {:<22}",
            kind.name,
            kind.family,
            found_words(kind),
            if kind.files == Files::None { "" } else { "yes" },
            erase_words(kind.erase)
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push_str("\n`aml-dsr kinds KIND` shows a row with its requests, people, secrets and source; --format json shows all of it.");
    out
}

fn describe(kind: &Kind) -> String {
    let mut out = String::new();
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(out, "{label:<14} {value}");
    };
    let one = kinds::root_of(kind).one;
    line("kind", kind.name);
    line("family", kind.family);
    line("service", kind.service.name());
    line("found", &found_words(kind));
    for route in kind.list.iter().chain(kind.item) {
        let spec = route.base.spec();
        let verb = if matches!(route.ask, kinds::Ask::Get(_)) {
            "GET"
        } else {
            "POST (reads)"
        };
        let older = if route.generation < 2 {
            ", older form"
        } else {
            ""
        };
        line(
            "request",
            &format!("{verb} {}<{one}>{}{older}", spec.prefix, route.ask.path()),
        );
    }
    for person in kind.person {
        line("person", &format!("{} ({:?})", person.path, person.who));
    }
    if let Some(reason) = kind.no_person {
        line("person", reason);
    }
    if let Some((path, word)) = kind.only {
        line("asked", &format!("only where {path} says {word}"));
    }
    if let Some(other) = kinds::same(kind.name) {
        line(
            "same as",
            &format!("an item of {} with the same id", other.name),
        );
    }
    for secret in kind.secret {
        line("blanked", &format!("{} ({:?})", secret.path, secret.how));
    }
    for reference in kind.refs {
        line("refers", &format!("{} to {}", reference.path, reference.to));
    }
    let erase = match kind.erase {
        Erase::Now(how)
        | Erase::Slow(how)
        | Erase::ArchiveOnly(how)
        | Erase::Never(how)
        | Erase::Elsewhere(how) => {
            format!("{}: {how}", erase_words(kind.erase))
        }
        Erase::WithParent => erase_words(kind.erase).to_owned(),
    };
    line("erased by", &erase);
    for remove in kind.remove {
        for text in before(one, remove) {
            line("before", &text);
        }
        line("call", &call(one, remove));
        let (base, path) = remove.look.at();
        let verb = match remove.look {
            Look::In(_, kinds::Ask::Query(..), _) => "POST (reads)",
            _ => "GET",
        };
        line("seen by", &format!("{verb} {}", place(one, base, path)));
        if let Some(text) = left(remove.leaves) {
            line("stays", text);
        }
    }
    line("source", kind.source);
    out
}

fn place(one: &str, base: Base, path: &str) -> String {
    format!("{}<{one}>{path}", base.spec().prefix)
}

/// The call that erases, as it is sent.
fn call(one: &str, remove: &Remove) -> String {
    let place = place(one, remove.base, remove.path);
    match remove.act {
        Act::Delete => format!("DELETE {place}"),
        Act::DeleteEntity => format!("DELETE {place} with the entity as its body"),
        Act::DeleteCompute => format!("DELETE {place}?underlyingResourceAction=Delete|Detach"),
        Act::Purge => format!("DELETE {place}?forceToPurge=true"),
        Act::PutDisabled => format!("PUT {place} with EntityStatus Disabled"),
        Act::PutStatus => format!("PUT {place} with \"Disabled\""),
    }
}

/// What goes before it.
fn before(one: &str, remove: &Remove) -> impl Iterator<Item = String> {
    remove.first.iter().map(move |first| match first {
        First::Cancel { path, .. } => {
            format!("POST {}, when it is active", place(one, remove.base, path))
        }
        First::SwitchOff => format!(
            "PUT {} with isEnabled false, when it is enabled",
            place(one, remove.base, remove.path)
        ),
        First::Unroute { path } => format!(
            "PUT {} with its traffic at 0, when it has any",
            place(one, remove.base, path)
        ),
        First::Also(path, base) => format!("DELETE {}", place(one, *base, path)),
    })
}

/// What stays behind.
fn left(leaves: Leaves) -> Option<&'static str> {
    match leaves {
        Leaves::Nothing => None,
        Leaves::Blob => Some("its bytes, until they are seen to be gone"),
        Leaves::RunPlaces => Some("its files in the storage account, in three places"),
        Leaves::Data(what) => Some(what),
    }
}
