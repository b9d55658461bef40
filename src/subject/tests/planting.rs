//! Identifiers in every spelling, to be planted.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Identifiers of every form.
pub(super) const IDENTIFIERS: [&str; 8] = [
    "5c1d0a2e-0000-4000-8000-000000000001",
    "10032000A1B2C3D4",
    "1:live.com:0003BFFD1A2B3C4D",
    "Ann.Lee@contoso.com",
    "sam_outlook.example#EXT#@contoso.com",
    "Ada Lindqvist",
    "Jörg Weißmüller",
    "王伟伟",
];

/// Ways of writing a text. Base64 takes what stands around along, so that each place between the groups occurs.
pub(super) const WAYS: usize = 17;

pub(super) fn write(way: usize, text: &str) -> String {
    let percent = |text: &str, upper: bool| -> String {
        text.bytes()
            .map(|b| {
                if upper {
                    format!("%{b:02X}")
                } else {
                    format!("%{b:02x}")
                }
            })
            .collect()
    };
    let backslash = |text: &str| -> String {
        text.encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect()
    };
    let odd = |text: &str, escape: &dyn Fn(&str) -> String| -> String {
        text.chars()
            .enumerate()
            .map(|(at, c)| {
                if at % 2 == 1 || !c.is_ascii() {
                    escape(&c.to_string())
                } else {
                    c.to_string()
                }
            })
            .collect()
    };
    let json = |text: &str| {
        let whole = serde_json::Value::from(text).to_string();
        whole[1..whole.len() - 1].to_owned()
    };
    match way {
        0 => text.to_owned(),
        1 => text.to_uppercase(),
        2 => text.to_lowercase(),
        3 => percent(text, true),
        4 => percent(text, false),
        5 => odd(text, &|c| percent(c, true)),
        6 => percent(&percent(text, true), false),
        7 => percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
            .to_string(),
        8 => backslash(text),
        9 => odd(text, &backslash),
        10 => json(&odd(text, &backslash)),
        11 => json(&json(&odd(text, &backslash))),
        12 => text
            .chars()
            .map(|c| format!("&#{};", u32::from(c)))
            .collect(),
        13 => odd(text, &|c| {
            format!(
                "&amp;#x{:x};",
                u32::from(c.chars().next().expect("a letter"))
            )
        }),
        14 => STANDARD.encode(text),
        15 => URL_SAFE_NO_PAD.encode(text),
        _ => percent(&backslash(text), true),
    }
}
