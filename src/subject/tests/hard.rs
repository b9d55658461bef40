//! Hard cases of tokens and spellings, one by one.

use super::super::{Form, Written};
use super::{ADA, matcher};

fn forms(texts: &[&str], text: &str) -> Vec<(Form, Written)> {
    matcher(texts)
        .name(text)
        .iter()
        .map(|found| (found.form, found.written))
        .collect()
}

#[track_caller]
fn holds(identifier: &str, text: &str) {
    assert_eq!(
        forms(&[identifier], text).len(),
        1,
        "{identifier} in {text}"
    );
}

#[track_caller]
fn lacks(identifier: &str, text: &str) {
    assert_eq!(forms(&[identifier], text), [], "{identifier} in {text}");
}

#[test]
fn an_address_is_a_whole_token() {
    let ann = "ann@contoso.com";
    for text in [
        "ann@contoso.com",
        "ANN@Contoso.COM",
        "Write to ann@contoso.com.",
        "(ann@contoso.com)",
        "<ann@contoso.com>, bob@contoso.com",
        "u'ann@contoso.com'",
        "mailto:ann@contoso.com?subject=x",
        "https://ann@contoso.com/repo.git",
        "...ann@contoso.com...",
        "- ann@contoso.com",
        "/home/ann@contoso.com/x",
        "ann@contoso.com_2020.csv",
        "ann@contoso.com.csv",
        "ann@contoso.com.parquet_1",
        "連絡先ann@contoso.comまで",
        "ann%40contoso.com%2C",
        "x%20ann@contoso.com%20y",
        "ann@contoso.com™",
        "ａｎｎ＠contoso.com",
    ] {
        holds(ann, text);
    }
    for text in [
        "joann@contoso.com",
        "jo.ann@contoso.com",
        "jo-ann@contoso.com",
        "jo_ann@contoso.com",
        "jo+ann@contoso.com",
        "1ann@contoso.com",
        "éann@contoso.com",
        "e\u{301}ann@contoso.com",
        "&eacute;ann@contoso.com",
        "%C3%A9ann@contoso.com",
        r"\u00e9ann@contoso.com",
        "ann@contoso.com.example",
        "ann@contoso.com%2Eexample",
        "ann@contoso.com.%65xample",
        "ann@contoso.com%6d",
        "ann@contoso.comm",
        "ann@contoso.com-x.example",
        "ann@contoso.com.txtx",
        "ann@contoso.com.au",
        "ann@contoso.co",
        "ann+test@contoso.com",
    ] {
        lacks(ann, text);
    }
}

#[test]
fn a_name_that_is_a_word_is_a_whole_word() {
    for (name, text) in [
        ("Li", "asked Li, twice"),
        ("Li", "LI"),
        ("Mark", "mark's run"),
        ("Mark", "notes/mark/run.py"),
        ("Ada Lindqvist", "cv_Ada Lindqvist_2020.pdf"),
        ("Ada Lindqvist", "owner=Ada+Lindqvist&x=1"),
        ("Ada Lindqvist", "Ada\u{a0}Lindqvist"),
        ("Ada", "Adaさん"),
    ] {
        holds(name, text);
    }
    for (name, text) in [
        ("Li", "liability"),
        ("Li", "scikit-li1"),
        ("Mark", "bookmark"),
        ("Mark", "mark_price"),
        ("Mark", "Mark\u{f6}"),
        ("Ada Lindqvist", "Nevada Lindqvist"),
        ("Ada Lindqvist", "Ada Lindqvists"),
        ("Jose", "José"),
        ("Jose", "Jose\u{301}"),
    ] {
        lacks(name, text);
    }
}

#[test]
fn scripts_without_blanks_set_no_bounds() {
    for text in [
        "王伟",
        "请王伟看一下",
        "王伟さん",
        "王伟2020",
        "(王伟)",
        "王伟_1",
        "%E7%8E%8B%E4%BC%9F",
        r"\u738b\u4f1f",
    ] {
        holds("王伟", text);
    }
    for text in ["王伟x", "x王伟", "伟王", "王 伟"] {
        lacks("王伟", text);
    }
    holds("김민수", "김민수는");
    holds("สมชาย", "คุณสมชายมา");
    holds("𠮷野", r"\ud842\udfb7\u91ce");
}

#[test]
fn accents_may_be_composed_or_not_and_read_in_any_encoding() {
    for name in ["Jörg Weißmüller", "Jo\u{308}rg Weißmu\u{308}ller"] {
        for text in [
            "Jörg Weißmüller",
            "JO\u{308}RG WEISSMU\u{308}LLER",
            "J%C3%B6rg+Wei%C3%9Fm%c3%bcller",
            "J%F6rg Wei%DFm%FCller",
            r"J\u00f6rg Wei\u00dfm\u00FCller",
            "J&ouml;rg Wei&szlig;m&#252;ller",
            "Jo%CC%88rg%20Wei%C3%9Fmu%CC%88ller",
            "SsO2cmcgV2Vpw59tw7xsbGVy",
        ] {
            holds(name, text);
        }
    }
}

#[test]
fn object_ids_are_found_in_every_dress() {
    let id = ADA[0];
    for text in [
        "5C1D0A2E-0000-4000-8000-000000000001",
        "{5c1d0a2e-0000-4000-8000-000000000001}",
        "5c1d0a2e000040008000000000000001",
        "AutoML_5c1d0a2e-0000-4000-8000-000000000001_17",
        "dcid.5c1d0a2e-0000-4000-8000-000000000001",
        "%7B5c1d0a2e-0000-4000-8000-000000000001%7D",
        "NWMxZDBhMmUtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAx",
    ] {
        holds(id, text);
    }
    for text in [
        "5c1d0a2e-0000-4000-8000-0000000000012",
        "a5c1d0a2e-0000-4000-8000-000000000001",
        "5c1d0a2e0000400080000000000000010",
        "5c1d0a2e-0000-4000-8000-000000000002",
    ] {
        lacks(id, text);
    }
}

#[test]
fn the_way_it_is_written_is_told() {
    let mail = ADA[1];
    for (text, written) in [
        ("ada.lindqvist@contoso.com", Written::Plain),
        ("ada.lindqvist@contoso.com%0A", Written::Plain),
        (r"x\nada.lindqvist@contoso.com\n", Written::Plain),
        ("ada.lindqvist%40contoso.com", Written::Url),
        ("ada%252elindqvist%2540contoso.com", Written::Url),
        (r"\u0061da.lindqvist@contoso.com", Written::JsonEscaped),
        (r"\\u0061da.lindqvist@contoso.com", Written::JsonEscaped),
        ("ada.lindqvist&#64;contoso.com", Written::Html),
        ("ada.lindqvist&amp;#64;contoso.com", Written::Html),
        (r"\u0061da.lindqvist%40contoso.com", Written::Mixed),
        (
            "eyJ1c2VyIjoiYWRhLmxpbmRxdmlzdEBjb250b3NvLmNvbSJ9",
            Written::Base64,
        ),
        ("YWRhLmxpbmRxdmlzdEBjb250b3NvLmNvbQ%3D%3D", Written::Base64),
    ] {
        assert_eq!(forms(&[mail], text), [(Form::Mail, written)], "{text}");
    }
    assert_eq!(
        forms(&["Ada Lindqvist"], "Ada+Lindqvist"),
        [(Form::Name, Written::Url)]
    );
}

#[test]
fn base64_is_read_as_strictly_as_text() {
    use base64::Engine as _;
    let of = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let url = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let id = "ann.lee@contoso.com";
    for before in ["", "x ", "u:", "??:", "\u{ff} ", "\n"] {
        for after in ["", ":pw", "\"}", " ?>?", "."] {
            let text = format!("{before}{id}{after}");
            for whole in [of(&text), url(&text)] {
                for around in ["", "/", "_", "=", "\"", "-"] {
                    holds(id, &format!("{around}{whole}{around}"));
                }
            }
        }
    }
    for text in [
        "joann.lee@contoso.com",
        "ann.lee@contoso.com.example",
        "jo.ann.lee@contoso.com",
        "ann.lee@contoso.comx",
    ] {
        for before in ["", " ", "  "] {
            lacks(id, &of(&format!("{before}{text}")));
            lacks(id, &url(&format!("{before}{text}")));
        }
    }
    // Base64 minds letter case, and the automaton does not.
    lacks(id, &of(id).to_lowercase());
}

#[test]
fn what_lies_within_something_longer_of_the_person_is_not_told_again() {
    assert_eq!(
        forms(&["ada@contoso.com", "Ada"], "to ada%40contoso.com"),
        [(Form::Mail, Written::Url)]
    );
    assert_eq!(
        forms(&["ada@contoso.com", "Ada"], "Ada <ada@contoso.com>").len(),
        2
    );
    assert_eq!(
        forms(&["10032000A1B2C3D4"], "5::10032000a1b2c3d4"),
        [(Form::AltSecId, Written::Plain)]
    );
}

#[test]
fn an_alias_is_no_identifier_unless_it_is_given() {
    let path = "/mnt/code/Users/ada/train.ipynb";
    assert_eq!(forms(&ADA, path), []);
    assert_eq!(forms(&["ada"], path), [(Form::Name, Written::Plain)]);
}
