//! Text that somebody else wrote, made fit to be shown: nothing in it acts, nothing in it hides, and it has an end.
//!
//! Escaping is the template's work. What is left is what HTML lets through: characters that turn the direction of what
//! follows, characters that nobody sees, and sheer length.

/// A text to be shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// The length in characters of the whole text, when it was cut.
    pub(super) cut: Option<u64>,
}

/// Makes a text fit to be shown, with at most so many of its characters.
pub(super) fn shown(text: &str, most: usize) -> Shown {
    let mut out = String::with_capacity(text.len().min(4 * most));
    let mut letters = text.chars();
    for letter in letters.by_ref().take(most) {
        if is_hidden(letter) {
            // In words of ASCII, which no direction of writing turns around.
            let name = format!("[U+{:04X}]", u32::from(letter));
            out.push_str(&name);
        } else {
            out.push(letter);
        }
    }
    let left = letters.count();
    Shown {
        text: out,
        cut: (left > 0).then_some((most + left) as u64),
    }
}

/// Whether a reader would not see this character, or HTML does not allow it.
fn is_hidden(letter: char) -> bool {
    if letter == '\n' || letter == '\t' {
        return false;
    }
    let code = u32::from(letter);
    letter.is_control()
        || matches!(
            code,
            // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul fillers, Khmer inherent vowels.
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180E
            // Zero-width space, the marks of direction, separators of lines and paragraphs. The zero-width joiners
            // (200C, 200D) stay: Persian and emoji need them.
            | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E
            // Word joiner, invisible operators, isolates and the deprecated controls.
            | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB
            // Tags and private use, where nothing can be seen.
            | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF | 0xF0000..=0x0010_FFFF
        )
        // The two last places of every plane are no characters.
        || code & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_gets_a_name() {
        assert_eq!(
            shown("a\u{202e}cod.exe\u{0}\u{200f}", 100).text,
            "a[U+202E]cod.exe[U+0000][U+200F]"
        );
        assert_eq!(
            shown("\u{feff}\u{ffff}\u{1b}[31m", 100).text,
            "[U+FEFF][U+FFFF][U+001B][31m"
        );
        assert_eq!(shown("\u{e0041}", 9).text, "[U+E0041]");
    }

    #[test]
    fn what_people_write_stays() {
        for text in [
            "Jörg Weißmüller",
            "نرگس\u{200c}ها",
            "👩\u{200d}🔬",
            "Zoe\u{308}",
            "a\nb\tc",
        ] {
            assert_eq!(
                shown(text, 100),
                Shown {
                    text: text.to_owned(),
                    cut: None
                }
            );
        }
    }

    #[test]
    fn what_is_long_has_an_end() {
        let long = "é".repeat(10_000);
        let short = shown(&long, 300);
        assert_eq!((short.text.chars().count(), short.cut), (300, Some(10_000)));
        assert_eq!(shown("abc", 3).cut, None);
    }
}
