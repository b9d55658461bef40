//! The encoding of a file that comes in pieces: told by its byte order mark, and UTF-8 as long as nothing speaks against it.

/// How a text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// What is no UTF-8 was read as Latin-1.
    Other,
}

/// Turns the bytes of a file into UTF-8 where they are UTF-16, and passes others on as they are.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// `None` until the first bytes have said it.
    encoding: Option<Encoding>,
    /// Bytes that wait for the ones after them: a byte order mark, half a character.
    waiting: Vec<u8>,
    /// UTF-8 whose last character was cut, for the check alone.
    cut: Vec<u8>,
    /// Bytes of the file that came, those that wait included.
    position: u64,
}

impl Reader {
    /// Appends the text of these bytes. The place in the file of a zero that says that this is no text; nothing after it
    /// is read.
    pub(super) fn read(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Option<u64> {
        let mut all = std::mem::take(&mut self.waiting);
        let start = self.position - all.len() as u64;
        self.position += bytes.len() as u64;
        all.extend_from_slice(bytes);
        if self.encoding.is_none() && all.len() < 3 {
            self.waiting = all;
            return None;
        }
        self.pass(&all, out).map(|at| start + at as u64)
    }

    /// Appends what still waits, where it can stand alone.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Option<u64> {
        let rest = std::mem::take(&mut self.waiting);
        let start = self.position - rest.len() as u64;
        if self.encoding.is_none()
            && let Some(at) = self.pass(&rest, out)
        {
            return Some(start + at as u64);
        }
        if !self.cut.is_empty() {
            self.encoding = Some(Encoding::Other);
        }
        None
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding.unwrap_or(Encoding::Utf8)
    }

    /// Sets the encoding by the first bytes; the length of the byte order mark.
    fn decide(&mut self, head: &[u8]) -> usize {
        let (encoding, mark) = if head.starts_with(&[0xef, 0xbb, 0xbf]) {
            (Encoding::Utf8, 3)
        } else if head.starts_with(&[0xff, 0xfe]) {
            (Encoding::Utf16Le, 2)
        } else if head.starts_with(&[0xfe, 0xff]) {
            (Encoding::Utf16Be, 2)
        } else {
            (Encoding::Utf8, 0)
        };
        self.encoding = Some(encoding);
        mark
    }

    /// Reads on; the index of a zero.
    fn pass(&mut self, all: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let mark = if self.encoding.is_none() {
            self.decide(all)
        } else {
            0
        };
        let bytes = &all[mark..];
        let zero = match self.encoding {
            Some(Encoding::Utf16Le) => self.wide(bytes, u16::from_le_bytes, out),
            Some(Encoding::Utf16Be) => self.wide(bytes, u16::from_be_bytes, out),
            _ => {
                let zero = memchr::memchr(0, bytes);
                let text = &bytes[..zero.unwrap_or(bytes.len())];
                self.check(text);
                out.extend_from_slice(text);
                zero
            }
        };
        zero.map(|at| at + mark)
    }

    /// UTF-16. Half a surrogate pair stands for nothing.
    fn wide(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16, out: &mut Vec<u8>) -> Option<usize> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        // The first half of a pair waits for the second.
        let high = units
            .pop_if(|last| (0xd800..0xdc00).contains(last))
            .is_some();
        let zero = units.iter().position(|unit| *unit == 0);
        units.truncate(zero.unwrap_or(units.len()));
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        if high {
            self.waiting.extend_from_slice(&pairs[pairs.len() - 1]);
        }
        self.waiting.extend_from_slice(rest);
        zero.map(|at| 2 * at)
    }

    /// Whether it still is UTF-8.
    fn check(&mut self, text: &[u8]) {
        if self.encoding != Some(Encoding::Utf8) || (self.cut.is_empty() && text.is_ascii()) {
            return;
        }
        let mut all = std::mem::take(&mut self.cut);
        all.extend_from_slice(text);
        if let Err(error) = std::str::from_utf8(&all) {
            if error.error_len().is_some() {
                self.encoding = Some(Encoding::Other);
            } else {
                self.cut = all[error.valid_up_to()..].to_vec();
            }
        }
    }
}
