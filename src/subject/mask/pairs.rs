//! Which two letters stand beside each other in what is looked for. Noise is told from an identifier by this alone: in a row
//! of six letters each pair has to be one of these.

/// The pairs of ASCII, in small letters and capitals, as bits.
#[derive(Debug)]
pub(super) struct Pairs(Box<[u64; 256]>);

impl Pairs {
    /// The pairs of all these texts, which are folded.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut pairs = Self(Box::new([0; 256]));
        for text in texts {
            for pair in text.as_bytes().windows(2).filter(|pair| pair.is_ascii()) {
                for one in [pair[0], pair[0].to_ascii_uppercase()] {
                    for other in [pair[1], pair[1].to_ascii_uppercase()] {
                        let at = place(one, other);
                        pairs.0[at / 64] |= 1 << (at % 64);
                    }
                }
            }
        }
        pairs
    }

    /// Whether so many letters of ASCII may stand in a row here. The text is ASCII.
    pub(super) fn may_hold(&self, text: &[u8], row: usize) -> bool {
        let mut length = 1;
        text.windows(2).any(|pair| {
            let at = place(pair[0], pair[1]);
            let stands = self.0[at / 64] >> (at % 64) & 1 == 1;
            length = if stands { length + 1 } else { 1 };
            length >= row
        })
    }
}

fn place(one: u8, other: u8) -> usize {
    usize::from(one & 127) << 7 | usize::from(other & 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_to_be_whole() {
        let pairs = Pairs::of(["ada quill", "bo@x"].into_iter());
        for (text, row, may) in [
            ("...ADA QUILL...", 9, true),
            ("ada q", 6, false),
            ("ada  quill", 7, false),
            ("ada\u{1}quill", 6, false),
            ("", 1, false),
            ("bo@x", 4, true),
        ] {
            assert_eq!(pairs.may_hold(text.as_bytes(), row), may, "{text}");
        }
    }
}
