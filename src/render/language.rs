//! Numbers, sizes and dates in the manner of each language, and which form of a word a number takes.

use time::{Date, OffsetDateTime, UtcOffset};

use super::words::receipt::{self, ReceiptWords};
use super::words::{self, Words};

/// A language that the report is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    French,
    Dutch,
}

/// A phrase with `{n}`, for one and for several.
#[derive(Debug, Clone, Copy)]
pub struct Plural {
    pub one: &'static str,
    pub many: &'static str,
}

/// A number and its unit must not end up on two lines.
const NO_BREAK_SPACE: char = '\u{a0}';

impl Language {
    pub const ALL: [Self; 3] = [Self::English, Self::French, Self::Dutch];

    /// The tag for `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Dutch => "nl",
        }
    }

    /// Every text of the report.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &words::EN,
            Self::French => &words::FR,
            Self::Dutch => &words::NL,
        }
    }

    /// Every text of the page of a receipt.
    pub(super) fn receipt_words(self) -> &'static ReceiptWords {
        match self {
            Self::English => &receipt::EN,
            Self::French => &receipt::FR,
            Self::Dutch => &receipt::NL,
        }
    }

    /// Between groups of three digits: in French a narrow no-break space.
    fn group(self) -> char {
        match self {
            Self::English => ',',
            Self::French => '\u{202f}',
            Self::Dutch => '.',
        }
    }

    fn decimal(self) -> char {
        match self {
            Self::English => '.',
            Self::French | Self::Dutch => ',',
        }
    }

    /// A whole number.
    pub fn count(self, number: u64) -> String {
        let digits = number.to_string();
        let mut out = String::with_capacity(digits.len() + digits.len());
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(self.group());
            }
            out.push(digit);
        }
        out
    }

    /// A phrase with its number. French counts nought as one.
    pub fn plural(self, phrase: Plural, number: u64) -> String {
        let one = number == 1 || (number == 0 && self == Self::French);
        let text = if one { phrase.one } else { phrase.many };
        text.replace("{n}", &self.count(number))
    }

    /// A size in bytes, or in binary units with one digit behind the point.
    pub fn size(self, bytes: u64) -> String {
        let words = self.words();
        if bytes < 1024 {
            return self.plural(words.bytes, bytes);
        }
        let mut unit = 0;
        let mut tenths = u128::from(bytes) * 10;
        // 1,023.95 KiB would be shown as 1,024.0 KiB, so what is compared is what is shown.
        while (tenths + 512) / 1024 >= 10_240 && unit + 1 < words.units.len() {
            tenths /= 1024;
            unit += 1;
        }
        let tenths = (tenths + 512) / 1024;
        let whole = self.count(u64::try_from(tenths / 10).unwrap_or(u64::MAX));
        let (point, rest, name) = (self.decimal(), tenths % 10, words.units[unit]);
        format!("{whole}{point}{rest}{NO_BREAK_SPACE}{name}")
    }

    /// A day, as one writes it in a letter.
    pub fn day(self, date: Date) -> String {
        let month = self.words().months[usize::from(u8::from(date.month())) - 1];
        let (day, year) = (date.day(), date.year());
        if self == Self::French && day == 1 {
            format!("1er{NO_BREAK_SPACE}{month} {year}")
        } else {
            format!("{day}{NO_BREAK_SPACE}{month} {year}")
        }
    }

    /// A moment to the minute, in UTC.
    pub fn moment(self, time: OffsetDateTime) -> String {
        let time = time.to_offset(UtcOffset::UTC);
        let clock = match self {
            Self::French => format!(
                "{}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{:02}",
                time.hour(),
                time.minute()
            ),
            Self::English | Self::Dutch => format!("{:02}:{:02}", time.hour(), time.minute()),
        };
        let text = self.words().moment.replace("{day}", &self.day(time.date()));
        text.replace("{clock}", &clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn numbers_in_the_readers_manner() {
        let all = |number| Language::ALL.map(|language| language.count(number));
        assert_eq!(all(999), ["999", "999", "999"]);
        assert_eq!(all(1234), ["1,234", "1\u{202f}234", "1.234"]);
        assert_eq!(
            all(1_234_567),
            ["1,234,567", "1\u{202f}234\u{202f}567", "1.234.567"]
        );
    }

    #[test]
    fn nought_is_singular_in_french_alone() {
        let phrases = |number| {
            Language::ALL.map(|language| language.plural(language.words().records, number))
        };
        assert_eq!(phrases(0), ["0 records", "0 enregistrement", "0 records"]);
        assert_eq!(phrases(1), ["1 record", "1 enregistrement", "1 record"]);
        assert_eq!(
            phrases(2000),
            [
                "2,000 records",
                "2\u{202f}000 enregistrements",
                "2.000 records"
            ]
        );
    }

    #[test]
    fn sizes_with_words() {
        let all = |bytes| Language::ALL.map(|language| language.size(bytes));
        assert_eq!(all(1), ["1 byte", "1 octet", "1 byte"]);
        assert_eq!(all(0), ["0 bytes", "0 octet", "0 bytes"]);
        assert_eq!(all(1536), ["1.5\u{a0}KiB", "1,5\u{a0}Kio", "1,5\u{a0}KiB"]);
        assert_eq!(
            all(3 << 20),
            ["3.0\u{a0}MiB", "3,0\u{a0}Mio", "3,0\u{a0}MiB"]
        );
        assert_eq!(all((1 << 20) - 1)[0], "1.0\u{a0}MiB");
        assert_eq!(all(1023 << 10)[0], "1,023.0\u{a0}KiB");
        assert_eq!(all(u64::MAX)[0], "16,777,216.0\u{a0}TiB");
    }

    #[test]
    fn days_and_moments() {
        let day = |date| Language::ALL.map(|language| language.day(date));
        assert_eq!(
            day(date!(2026 - 11 - 21)),
            [
                "21\u{a0}November 2026",
                "21\u{a0}novembre 2026",
                "21\u{a0}november 2026"
            ]
        );
        assert_eq!(
            day(date!(2027 - 08 - 01)),
            [
                "1\u{a0}August 2027",
                "1er\u{a0}août 2027",
                "1\u{a0}augustus 2027"
            ]
        );
        assert_eq!(
            Language::ALL.map(|language| language.moment(datetime!(2026-11-21 00:05:07 +02:00))),
            [
                "20\u{a0}November 2026 at 22:05 (UTC)",
                "20\u{a0}novembre 2026 à 22\u{a0}h\u{a0}05 (UTC)",
                "20\u{a0}november 2026 om 22:05 uur (UTC)",
            ]
        );
    }
}
