//! Whether anybody may stand in a text. Asked of every string and of every line before it is looked at closely, which costs
//! many times as much, since places have to be followed through every layer of escapes.
//!
//! The answer no is certain: it is made of the same readings of the text in which people are looked for (layers of escapes,
//! one spelling, base64), only without their places. The answer yes is a reason to look.

use super::find::SURE;
use super::folded::fold_into;
use super::mask::Mask;
use super::{armor, mail, view};

/// Rooms for readings of a text, used again and again.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// The text with one layer less, and with another one.
    layers: [String; 2],
    /// Where escapes stood in the layer above, and what is read began or ended.
    edges: Vec<usize>,
    folded: String,
    plain: Vec<u8>,
}

impl Sieve {
    /// Whether anybody, the subject or others, may stand in the text.
    pub(super) fn may_hold(&mut self, mask: &Mask, text: &str) -> bool {
        if self.reading(mask, text, &|_, _| true) {
            return true;
        }
        let [mut now, mut next] = std::mem::take(&mut self.layers);
        let found = self.behind(mask, text, &mut now, &mut next);
        self.layers = [now, next];
        found
    }

    /// The same layers as in [`view::layers`].
    fn behind(&mut self, mask: &Mask, text: &str, now: &mut String, next: &mut String) -> bool {
        let mut any = false;
        for _ in 0..view::LAYERS {
            let last = if any { now.as_str() } else { text };
            let mut edges = std::mem::take(&mut self.edges);
            edges.clear();
            let taken = view::take_off(last, next, |here, _, _| {
                if here > 0 {
                    edges.push(here);
                }
            });
            // A run that no escape touches was looked at in the layer above.
            let fresh = |start: usize, end: usize| {
                let first = edges.partition_point(|&edge| edge < start);
                edges.get(first).is_some_and(|&edge| edge <= end)
            };
            let found = taken && self.reading(mask, next, &fresh);
            self.edges = edges;
            if found {
                return true;
            }
            if !taken {
                break;
            }
            any = true;
            std::mem::swap(now, next);
        }
        let last = if any { now.as_str() } else { text };
        view::with_spaces(last).is_some_and(|spaced| self.reading(mask, &spaced, &|_, _| true))
    }

    /// One reading of a text. Of the runs of base64 in it those that are fresh are looked at.
    fn reading(&mut self, mask: &Mask, text: &str, fresh: &dyn Fn(usize, usize) -> bool) -> bool {
        fold_into(text, &mut self.folded);
        mask.automaton.is_match(&self.folded)
            || memchr::memchr(b'@', self.folded.as_bytes()).is_some()
                && !mail::find(&self.folded).is_empty()
            || mask.aliases_at(&self.folded).next().is_some()
            || self.base64(mask, text, fresh)
    }

    fn base64(&mut self, mask: &Mask, text: &str, fresh: &dyn Fn(usize, usize) -> bool) -> bool {
        let mut plain = std::mem::take(&mut self.plain);
        let mut runs = armor::each_run(text).filter(|run| fresh(run.0, run.1));
        let found = runs.any(|(start, letters, _)| {
            let start = start + view::tail_of_escape(text, start).min(letters - start);
            let run = &text[start..letters];
            armor::is_read(run)
                || (0..4).any(|phase| {
                    armor::decode(run.as_bytes().get(phase..).unwrap_or_default(), &mut plain);
                    armor::glimpses(&plain).any(|text| self.glimpse(mask, text))
                })
        });
        self.plain = plain;
        found
    }

    /// A stretch of text in what a run decodes to. Where it has escapes it is looked at closely.
    fn glimpse(&mut self, mask: &Mask, text: &str) -> bool {
        if memchr::memchr3(b'%', b'\\', b'+', text.as_bytes()).is_some() {
            return view::layers(text).iter().any(|layer| {
                fold_into(&layer.text, &mut self.folded);
                mask.automaton.is_match(&self.folded)
            });
        }
        if text.is_ascii() && !mask.pairs.may_hold(text.as_bytes(), SURE) {
            return false;
        }
        fold_into(text, &mut self.folded);
        mask.automaton.is_match(&self.folded)
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws::{a_text, everybody};
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_let_pass_holds_nobody(text in a_text()) {
            let mask = everybody();
            if !Sieve::default().may_hold(mask, &text) {
                prop_assert_eq!(mask.finds(&text, 0), vec![]);
            }
        }
    }

    #[test]
    fn what_escapes_and_signs_hide_is_seen() {
        let mask = everybody();
        let armed = STANDARD.encode("joann@contoso.com");
        let hidden: String = armed.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let half = format!("%{:02x}{}", armed.as_bytes()[0], &armed[1..]);
        let cut = format!("{}\\u00{:02x}", &armed[..armed.len() - 1], b'=');
        for text in [hidden, half, cut, "by=Will+Power&x=1".to_owned()] {
            assert!(!mask.finds(&text, 0).is_empty(), "{text}");
            assert!(Sieve::default().may_hold(mask, &text), "{text}");
        }
    }

    #[test]
    fn most_texts_pass() {
        let mask = everybody();
        let mut sieve = Sieve::default();
        for text in [
            "2019-11-04T10:21:33.1234567+00:00 INFO azureml-logs/process_info.json: epoch 3, loss 0.25",
            "https://git.contoso.com/forecast/x.git?sv=2019-02-02&sig=R4nd0m%2Fs1gn%2Bature%3D",
            r#"{\"args\": [\"--rate\", 0.1, \"/mnt/data/part-7\"]}"#,
            "/Users/nobody/x.py",
            "train.py@v2",
            "Größe: 3 MB",
        ] {
            assert!(!sieve.may_hold(mask, text), "{text}");
        }
        for text in [
            "cc joann%40contoso.com",
            "/Users/joann/x.py",
            "an.unknown@fabrikam.com",
        ] {
            assert!(sieve.may_hold(mask, text), "{text}");
        }
    }
}
