use super::*;
use crate::plan::keyed::Key;
use crate::plan::receipt::Facts;
use crate::plan::receipt::tests::{around, every_state, facts};
use crate::plan::residue::{What, Whom};

/// A receipt in which everything occurs that can occur.
fn whole() -> Receipt {
    let (mut plan, outcomes) = every_state();
    plan.asked.case = Some("<script>alert(1)</script> DSR-2026-0007 \u{202e}".to_owned());
    let around = around();
    let facts = Facts {
        responsible: Some("Data protection office of Contoso"),
        public_key: Some("ef".repeat(32)),
        ..facts(&around)
    };
    crate::plan::receipt::receipt(&plan, &outcomes, &facts, &Key::new([9; 32]))
}

fn page(receipt_of: &Receipt, language: Language) -> String {
    let mut out = Vec::new();
    receipt(receipt_of, language, &mut out).expect("a page");
    if let Some(dir) = std::env::var_os("AML_DSR_PAGES") {
        let name = format!("receipt-{}.html", language.tag());
        std::fs::write(std::path::Path::new(&dir).join(name), &out).expect("a page kept");
    }
    String::from_utf8(out).expect("text")
}

#[test]
fn the_page_tells_everything_in_every_language() {
    let mut whole = whole();
    // Whatever can remain, and whoever can be told, stands on the page once.
    let template = whole.remains[0].clone();
    whole.remains = [
        What::NotErased,
        What::WithoutStep,
        What::SoftDeleted,
        What::Bytes,
        What::StorageAccount,
        What::OtherStorage,
        What::KeyVault,
        What::ContainerRegistry,
        What::ApplicationInsights,
        What::LogAnalytics,
        What::ManagedResources,
        What::Registries,
        What::SoftDeleteLayers,
        What::BackUps,
        What::Telemetry,
        What::ExportedCopy,
        What::PlanAndJournal,
    ]
    .into_iter()
    .map(|what| Remains {
        what,
        until: if what == What::SoftDeleted {
            "2026-12-04".to_owned()
        } else {
            "in the words of the file".to_owned()
        },
        ..template.clone()
    })
    .collect();
    whole.notify.push(Notify {
        whom: Whom::Consumers,
        place: Some("online-endpoints".to_owned()),
        items: Some(2),
        why: "in the words of the file".to_owned(),
    });
    for language in Language::ALL {
        let told = language.receipt_words();
        let text = page(&whole, language);
        for (name, meaning) in told.states {
            assert!(
                text.contains(name) && text.contains(&escaped(meaning)),
                "{name}"
            );
        }
        for (name, until, ask) in told.remains {
            for words in [name, until, ask] {
                assert!(text.contains(&escaped(words)), "{words}");
            }
        }
        for (name, why) in told.whom {
            assert!(
                text.contains(&escaped(name)) && text.contains(&escaped(why)),
                "{name}"
            );
        }
        assert!(text.contains(&escaped(&language.day(time::macros::date!(2026 - 12 - 04)))));
        assert!(text.contains(&"ef".repeat(32)) && text.contains(&whole.plan));
        assert!(text.contains(sign::COMMAND), "the command of OpenSSL");
        // What the file says in English does not stand on the page.
        assert!(!text.contains("in the words of the file"));
        assert!(
            !text.contains("<script") && text.contains("&#60;script"),
            "{text}"
        );
        assert!(text.contains("[U+202E]"));
        let body = text.split("</style>").nth(1).expect("the body");
        assert!(!body.contains('{'), "a name was not replaced");
    }
}

/// As the template writes it.
fn escaped(text: &str) -> String {
    text.replace('\'', "&#39;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
}

#[test]
fn no_sentence_is_left_in_english() {
    let words = Language::ALL.map(Language::receipt_words);
    let [en, others @ ..] = words;
    for other in others {
        for ((_, theirs), (_, ours)) in other.states.iter().zip(&en.states) {
            assert_ne!(theirs, ours);
        }
        for ((_, _, theirs), (_, _, ours)) in other.remains.iter().zip(&en.remains) {
            assert_ne!(theirs, ours);
        }
        for ((_, theirs), (_, ours)) in other.whom.iter().zip(&en.whom) {
            assert_ne!(theirs, ours);
        }
        for (theirs, ours) in other.about_text.iter().zip(&en.about_text) {
            assert_ne!(theirs, ours);
        }
    }
}

#[test]
fn an_unsigned_receipt_of_nothing_says_so() {
    let mut nothing = whole();
    nothing.counts.clear();
    nothing.items.clear();
    nothing.without_step.clear();
    nothing.check.public_key = None;
    nothing.subject.clear();
    let text = page(&nothing, Language::English);
    let told = Language::English.receipt_words();
    for words in [told.nothing, told.unsigned, told.no_person] {
        assert!(text.contains(&escaped(words)), "{words}");
    }
    assert!(!text.contains("openssl") && !text.contains("class=\"caution\""));
}
