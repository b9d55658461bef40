//! Takes everything secret out of a text that somebody else wrote.
//!
//! Error texts of sign-in services, command-line tools and libraries quote addresses, request bodies and answers. None
//! of them is trusted not to quote a token: known secrets go by value, the rest by shape.

use url::Url;

use crate::wire::secret::Secret;

const LONGEST: usize = 700;

/// Names after which a value is never shown, in a query, a form or a JSON document.
const SECRET_NAMES: [&str; 14] = [
    "access_token",
    "accesstoken",
    "assertion",
    "authorization",
    "client_assertion",
    "client_secret",
    "id_token",
    "oidctoken",
    "password",
    "refresh_token",
    "secret",
    "sharedaccesskey",
    "sig",
    "token",
];

/// The text on one line, short, without secrets, control characters or whole addresses. Error codes stay.
pub(super) fn redact(text: &str, known: &[Secret]) -> String {
    let mut text = text.to_owned();
    for secret in known.iter().filter(|s| s.expose().trim().len() >= 4) {
        text = text.replace(secret.expose().trim(), "<secret>");
    }
    // The words split at JSON punctuation too, so that a document without blanks still shows its error code.
    let text = text
        .replace("\",", "\", ")
        .replace("{\"", "{ \"")
        .replace('&', " &");
    let mut out = String::new();
    let mut hide_next = false;
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        if hide_next {
            hide_next = word.eq_ignore_ascii_case("bearer");
            out.push_str(if hide_next { word } else { "<secret>" });
            continue;
        }
        let (clean, names_a_secret) = redact_word(word);
        hide_next = names_a_secret;
        out.push_str(&clean);
    }
    if out.chars().count() > LONGEST {
        out = out.chars().take(LONGEST).collect();
        out.push('…');
    }
    out
}

/// One word, and whether the word after it is the value of a secret.
fn redact_word(word: &str) -> (String, bool) {
    let lower = word.to_ascii_lowercase();
    if lower == "bearer" {
        return (word.to_owned(), true);
    }
    if let Some(start) = lower.find("http://").or_else(|| lower.find("https://")) {
        // The ends of the word are prose: a quote before, a full stop after.
        let (before, address) = word.split_at(start);
        let host = Url::parse(
            address.trim_end_matches(['.', ',', ';', ':', ')', '\'', '"', '>', ']', '}']),
        )
        .ok()
        .filter(|_| !address.contains("eyJ"))
        .and_then(|url| url.host_str().map(str::to_owned));
        let before = redact_word(before).0;
        return (
            format!("{before}{}", host.unwrap_or_else(|| "<address>".to_owned())),
            false,
        );
    }
    if let Some(at) = word.find(['=', ':']) {
        let name = lower[..at].trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_secret = SECRET_NAMES
            .iter()
            .any(|&known| name == known || name.ends_with(&format!("_{known}")));
        if is_secret {
            // In prose this hides one word too many now and then, which is the cheaper mistake.
            return if word[at + 1..].trim_matches(['"', '\'']).is_empty() {
                (word.to_owned(), true)
            } else {
                (format!("{}<secret>", &word[..=at]), false)
            };
        }
    }
    (hide_shapes(word), false)
}

/// Hides runs that look like a token: a JWT by its first letters, anything long and random by its mixture.
fn hide_shapes(word: &str) -> String {
    let in_run = |c: char| c.is_ascii_alphanumeric() || "-_.~+=%".contains(c);
    let mut out = String::new();
    let mut rest = word;
    while !rest.is_empty() {
        let run_end = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(run_end);
        out.push_str(if is_token_like(run) { "<secret>" } else { run });
        let other_end = tail.find(in_run).unwrap_or(tail.len());
        out.push_str(&tail[..other_end]);
        rest = &tail[other_end..];
    }
    out
}

fn is_token_like(run: &str) -> bool {
    if run.find("eyJ").is_some_and(|at| run.len() - at >= 8) {
        return true;
    }
    let has = |test: fn(&char) -> bool| run.chars().any(|c| test(&c));
    let mixed =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    // Longer than a GUID, and no path or host name: those have dots between short labels.
    mixed && run.split('.').any(|part| part.len() >= 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_error_codes_stay() {
        let known = [Secret::new("p4ss~word.of.mine")];
        let table = [
            (
                "AADSTS7000215: Invalid client secret provided. Trace ID: 1b2c",
                "AADSTS7000215: Invalid client secret provided.",
            ),
            ("tried p4ss~word.of.mine twice", "tried <secret> twice"),
            (
                "token eyJhbGciOiJub25lIn0.eyJvaWQiOiIxIn0.c2ln was bad",
                "token <secret> was bad",
            ),
            ("header Authorization: Bearer abcdef", "Bearer <secret>"),
            (
                "POST https://user:pw@login.example/t/token?client_secret=abc failed",
                "POST login.example failed",
            ),
            (
                "body client_id=1&client_secret=abc&scope=x",
                "client_id=1 &client_secret=<secret> &scope=x",
            ),
            (
                "{\"access_token\":\"opaque\",\"error\":\"no\"}",
                "\"error\":\"no\"",
            ),
            (
                "{\"access_token\": \"opaque\", \"error\": \"no\"}",
                "<secret> \"error\": \"no\"",
            ),
            (
                "got dGhpcyBpcyBhIHRva2VuIGluIGRpc2d1aXNlCg0K back",
                "got <secret> back",
            ),
            (
                "app 7b795fb9-09d3-42f4-a494-38864f99ba3c is gone",
                "7b795fb9-09d3-42f4-a494-38864f99ba3c",
            ),
            ("password: opaque, then", "password: <secret> then"),
            (
                "see https://eyJhbGciOiJub25lIn0.e30.c2ln/x",
                "see <address>",
            ),
            ("a\u{1b}[31mred\nline", "a [31mred line"),
        ];
        for (dirty, expected) in table {
            let clean = redact(dirty, &known);
            assert!(clean.contains(expected), "{dirty} became {clean}");
            for secret in [
                "p4ss", "eyJ", "abcdef", "=abc", "pw@", "opaque", "dGhp", "\u{1b}",
            ] {
                assert!(!clean.contains(secret), "{clean}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_surroundings_bring_a_token_out(before in ".{0,40}", after in ".{0,40}") {
            for token in ["eyJhbGciOiJub25lIn0.eyJvaWQiOiJvLTEifQ.c2ln", "p4ss~word.of.mine"] {
                let clean = redact(&format!("{before}{token}{after}"), &[Secret::new("p4ss~word.of.mine")]);
                proptest::prop_assert!(!clean.to_lowercase().contains(&token.to_lowercase()), "{}", clean);
            }
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert!(redact(&"word ".repeat(1000), &[]).chars().count() <= LONGEST + 1);
    }
}
