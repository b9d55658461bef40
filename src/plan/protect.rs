//! What must stay, whoever asks: globs over ids, and a tag on the thing itself.

use serde_json::Value;

use super::Refusal;
use crate::kinds::item::at;

/// The tag that protects what carries it, whatever its value but `false`.
pub const TAG: &str = "aml-dsr-keep";

/// Where tags stand in the documents of the two planes.
const TAGS: [&str; 3] = ["tags", "kvTags", "properties/tags"];

/// What is protected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protect(Vec<String>);

impl Protect {
    /// From globs over ids and over `kind/id`: `*` is any text, also with slashes in it, `?` any one letter; small and capital
    /// letters are the same. What other tools read as a class of letters is refused, since it would protect nothing here.
    pub fn new(globs: &[String]) -> Result<Self, Refusal> {
        for glob in globs {
            let what = if glob.trim().is_empty() {
                "it is empty"
            } else if glob.contains(['[', ']', '{', '}', '\\']) {
                "brackets, braces and backslashes mean nothing here"
            } else if glob.starts_with('!') {
                "there is no way to take something out of what is protected"
            } else {
                continue;
            };
            return Err(Refusal::Glob {
                glob: glob.clone(),
                what,
            });
        }
        Ok(Self(globs.to_vec()))
    }

    /// The globs as they were given.
    pub fn globs(&self) -> &[String] {
        &self.0
    }

    /// Why an item is protected, when it is.
    pub fn why(&self, kind: &str, id: &str, doc: &Value) -> Option<String> {
        let name = format!("{kind}/{id}");
        if let Some(glob) = self
            .0
            .iter()
            .find(|glob| matches(glob, id) || matches(glob, &name))
        {
            return Some(format!("it is protected by --protect {glob}"));
        }
        is_tagged(doc).then(|| format!("it is protected by its tag {TAG}"))
    }
}

/// Whether a document carries the tag. Tags are an object in most documents, and a list of words in the oldest.
fn is_tagged(doc: &Value) -> bool {
    let named = |name: &str| name.trim().eq_ignore_ascii_case(TAG);
    TAGS.iter()
        .flat_map(|path| at(doc, path))
        .any(|tags| match tags {
            Value::Object(map) => map
                .iter()
                .any(|(name, value)| named(name) && !is_false(value)),
            Value::Array(words) => words.iter().filter_map(Value::as_str).any(|word| {
                match word.split_once(['=', ':']) {
                    Some((name, value)) => named(name) && !says_false(value),
                    None => named(word),
                }
            }),
            _ => false,
        })
}

fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::String(text) => says_false(text),
        _ => false,
    }
}

fn says_false(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("false")
}

/// Whether a glob takes a text. Goes back to the last star only, so it is done in the product of the lengths at worst.
fn matches(glob: &str, text: &str) -> bool {
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (glob, text) = (lower(glob), lower(text));
    let (mut g, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[t] => {
                g += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                g = at + 1;
                t = from + 1;
            }
        }
    }
    glob[g..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn globs_take_what_they_say() {
        for (glob, text, takes) in [
            ("prod-*", "prod-model:3", true),
            ("PROD-*", "prod-model:3", true),
            ("models/prod-*", "models/prod-model:3", true),
            ("models/*", "assets/a", false),
            ("*/a*c/d", "x/abbc/c/d", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("a", "ab", false),
            ("a*b*c*d", "aXbXcX", false),
        ] {
            assert_eq!(matches(glob, text), takes, "{glob} {text}");
        }
    }

    #[test]
    fn what_would_protect_nothing_is_refused() {
        for glob in ["", " ", "[ab]*", "{a,b}", "!prod", r"a\*"] {
            assert!(Protect::new(&[glob.to_owned()]).is_err(), "{glob}");
        }
    }

    #[test]
    fn a_tag_protects_whatever_it_says_but_false() {
        let none = Protect::default();
        let why = |doc: Value| none.why("models", "m", &doc).is_some();
        assert!(why(json!({"tags": {"aml-dsr-keep": "legal hold"}})));
        assert!(why(json!({"kvTags": {"AML-DSR-KEEP": ""}})));
        assert!(why(json!({"Tags": {"aml-dsr-keep": null}})));
        assert!(why(json!({"properties": {"tags": {"aml-dsr-keep": true}}})));
        assert!(why(json!({"tags": ["x", "aml-dsr-keep"]})));
        assert!(why(json!({"tags": ["aml-dsr-keep=2027"]})));
        assert!(!why(json!({"tags": {"aml-dsr-keep": " False "}})));
        assert!(!why(
            json!({"properties": {"tags": {"aml-dsr-keep": false}}})
        ));
        assert!(!why(
            json!({"tags": ["aml-dsr-keep=false", "aml-dsr-keeper"]})
        ));
        assert!(!why(
            json!({"tags": null, "properties": {"aml-dsr-keep": "yes"}})
        ));
    }
}
