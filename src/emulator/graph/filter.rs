//! The simple filters: `mail eq 'a'`, `startsWith(displayName,'A')`, `proxyAddresses/any(p:p eq 'smtp:a')`, `id in ('a','b')`,
//! joined by `or` and `and`. Letter case never counts.

use super::Fault;
use super::record::Resource;
use serde_json::{Map, Value};

#[derive(Debug)]
pub(super) enum Filter {
    Any(Vec<Self>),
    All(Vec<Self>),
    Test {
        field: &'static str,
        how: How,
        value: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Equals,
    Starts,
    Ends,
}

/// Properties that hold several values, which only `any` looks into.
const MANY: [&str; 3] = ["otherMails", "proxyAddresses", "servicePrincipalNames"];
const ONE: [&str; 9] = [
    "appId",
    "displayName",
    "givenName",
    "id",
    "mail",
    "mailNickname",
    "surname",
    "userPrincipalName",
    "userType",
];

fn invalid(text: &str) -> Fault {
    Fault(400, "BadRequest", format!("Invalid filter clause: {text}"))
}

/// What a test looks at: the fields of a record, or the variable of an `any` and the field that it stands for.
#[derive(Clone, Copy)]
enum Ground<'a> {
    Record,
    Each(&'a str, &'static str),
}

#[derive(Clone, Copy)]
struct Reader {
    resource: Resource,
    /// Whether the caller asked for the index that knows more questions.
    advanced: bool,
}

impl Filter {
    pub(super) fn parse(text: &str, resource: Resource, advanced: bool) -> Result<Self, Fault> {
        let reader = Reader { resource, advanced };
        reader.read(text, Ground::Record)
    }

    pub(super) fn fits(&self, record: &Map<String, Value>) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.fits(record)),
            Self::All(parts) => parts.iter().all(|part| part.fits(record)),
            Self::Test { field, how, value } => {
                let fits = |held: &Value| {
                    let held = held.as_str().unwrap_or_default().to_lowercase();
                    match how {
                        How::Equals => held == *value,
                        How::Starts => held.starts_with(value),
                        How::Ends => held.ends_with(value),
                    }
                };
                match record.get(*field) {
                    Some(Value::Array(all)) => all.iter().any(fits),
                    Some(held @ Value::String(_)) => fits(held),
                    _ => false,
                }
            }
        }
    }
}

impl Reader {
    fn read(self, text: &str, ground: Ground<'_>) -> Result<Filter, Fault> {
        let text = text.trim();
        for (word, join) in [
            (" or ", Filter::Any as fn(Vec<Filter>) -> Filter),
            (" and ", Filter::All),
        ] {
            let parts = split(text, word);
            if parts.len() > 1 {
                let parts: Result<Vec<Filter>, Fault> = parts
                    .into_iter()
                    .map(|part| self.read(part, ground))
                    .collect();
                return parts.map(join);
            }
        }
        if let Some(inner) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return self.read(inner, ground);
        }
        if let Some((name, inner)) = text.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            if let Some(field) = name.strip_suffix("/any") {
                let (variable, question) = inner.split_once(':').ok_or_else(|| invalid(text))?;
                let field = self.field(field.trim(), &MANY)?;
                return self.read(question, Ground::Each(variable.trim(), field));
            }
            let how = match name.trim().to_lowercase().as_str() {
                "startswith" => Some(How::Starts),
                "endswith" if self.advanced => Some(How::Ends),
                "endswith" => {
                    return Err(Fault(
                        400,
                        "Request_UnsupportedQuery",
                        "Unsupported Query.".to_owned(),
                    ));
                }
                _ => None,
            };
            if let Some(how) = how {
                let (operand, value) = inner.split_once(',').ok_or_else(|| invalid(text))?;
                return self.test(operand, how, value, ground);
            }
        }
        let (operand, rest) = text.split_once(' ').ok_or_else(|| invalid(text))?;
        let (operator, value) = rest
            .trim_start()
            .split_once(' ')
            .ok_or_else(|| invalid(text))?;
        match operator.to_lowercase().as_str() {
            "eq" => self.test(operand, How::Equals, value, ground),
            "in" => {
                let inner = value
                    .trim()
                    .strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'))
                    .ok_or_else(|| invalid(text))?;
                split(inner, ",")
                    .into_iter()
                    .map(|value| self.test(operand, How::Equals, value, ground))
                    .collect::<Result<Vec<Filter>, Fault>>()
                    .map(Filter::Any)
            }
            _ => Err(Fault(
                400,
                "Request_UnsupportedQuery",
                format!("Unsupported property filter clause operator '{operator}'."),
            )),
        }
    }

    fn test(
        self,
        operand: &str,
        how: How,
        value: &str,
        ground: Ground<'_>,
    ) -> Result<Filter, Fault> {
        let operand = operand.trim();
        let field = match ground {
            Ground::Record => self.field(operand, &ONE)?,
            Ground::Each(variable, field) if variable == operand => field,
            Ground::Each(..) => return Err(invalid(operand)),
        };
        let value = value
            .trim()
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .ok_or_else(|| invalid(value))?;
        Ok(Filter::Test {
            field,
            how,
            // A quote inside is written twice.
            value: value.replace("''", "'").to_lowercase(),
        })
    }

    fn field(self, name: &str, among: &[&str]) -> Result<&'static str, Fault> {
        self.resource
            .property(name)
            .filter(|known| among.contains(known))
            .ok_or_else(|| {
                Fault(
                    400,
                    "Request_UnsupportedQuery",
                    format!(
                        "Unsupported or invalid query filter clause specified for property '{name}' of resource '{}'.",
                        self.resource.word()
                    ),
                )
            })
    }
}

/// Splits at a word that stands outside of parentheses and quotes.
fn split<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let bytes = text.as_bytes();
    let (mut parts, mut begin, mut at) = (Vec::new(), 0, 0);
    let (mut depth, mut quoted) = (0_usize, false);
    while at < bytes.len() {
        let here = bytes
            .get(at..at + word.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()));
        match bytes[at] {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            _ if here && !quoted && depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + word.len();
                at = begin;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[begin..]);
    parts
}
