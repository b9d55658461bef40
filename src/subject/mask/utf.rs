//! What encoding a file is in, told by its first bytes, and whether it is text at all.

/// Why a file cannot be masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it holds a zero byte at {0}, so it is no text")]
    Binary(u64),
    #[error("it is not UTF-8 from byte {0} on")]
    NotUtf8(u64),
    #[error("it begins as UTF-16 and is none from byte {0} on")]
    NotUtf16(u64),
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

/// Bytes in, text out, and back.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// `None` until the first two bytes are there.
    encoding: Option<Encoding>,
    /// Bytes that do not make a character yet.
    left: Vec<u8>,
    /// Bytes that are done.
    offset: u64,
    refused: Option<Refused>,
}

impl Decoder {
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<String, Refused> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        self.left.extend_from_slice(bytes);
        let encoding = match (self.encoding, self.left.as_slice()) {
            (Some(encoding), _) => encoding,
            (None, [0xFF, 0xFE, ..]) => Encoding::Utf16Little,
            (None, [0xFE, 0xFF, ..]) => Encoding::Utf16Big,
            (None, [_, _, ..]) => Encoding::Utf8,
            (None, _) => return Ok(String::new()),
        };
        self.encoding = Some(encoding);
        self.take(encoding)
            .inspect_err(|&refused| self.refused = Some(refused))
    }

    /// The rest; an unfinished character is a fault.
    pub(super) fn finish(&mut self) -> Result<String, Refused> {
        let encoding = *self.encoding.get_or_insert(Encoding::Utf8);
        let text = self.take(encoding)?;
        match (self.left.is_empty(), encoding) {
            (true, _) => Ok(text),
            (false, Encoding::Utf8) => Err(Refused::NotUtf8(self.offset)),
            (false, _) => Err(Refused::NotUtf16(self.offset)),
        }
    }

    fn take(&mut self, encoding: Encoding) -> Result<String, Refused> {
        let (text, used) = match encoding {
            Encoding::Utf8 => self.utf8()?,
            Encoding::Utf16Little => self.utf16(u16::from_le_bytes)?,
            Encoding::Utf16Big => self.utf16(u16::from_be_bytes)?,
        };
        if let Some(at) = text.find('\0') {
            return Err(Refused::Binary(self.offset + at as u64));
        }
        self.left.drain(..used);
        self.offset += used as u64;
        Ok(text)
    }

    fn utf8(&self) -> Result<(String, usize), Refused> {
        match std::str::from_utf8(&self.left) {
            Ok(text) => Ok((text.to_owned(), self.left.len())),
            Err(error) if error.error_len().is_none() => {
                let used = error.valid_up_to();
                Ok((
                    String::from_utf8_lossy(&self.left[..used]).into_owned(),
                    used,
                ))
            }
            Err(error) => Err(Refused::NotUtf8(self.offset + error.valid_up_to() as u64)),
        }
    }

    fn utf16(&self, unit: impl Fn([u8; 2]) -> u16) -> Result<(String, usize), Refused> {
        let mut units: Vec<u16> = self
            .left
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        // The first half of a pair waits for the second.
        if units
            .last()
            .is_some_and(|last| (0xD800..0xDC00).contains(last))
        {
            units.pop();
        }
        match String::from_utf16(&units) {
            Ok(text) => Ok((text, units.len() * 2)),
            Err(_) => Err(Refused::NotUtf16(self.offset)),
        }
    }

    /// Text in the encoding of the file.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            Some(Encoding::Utf16Little) => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Some(Encoding::Utf16Big) => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.as_bytes().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_with_the_place() {
        let refused = |bytes: &[u8]| {
            let mut decoder = Decoder::default();
            let mut said = None;
            for byte in bytes {
                said = said.or(decoder.feed(&[*byte]).err());
            }
            said.or(decoder.finish().err())
        };
        assert_eq!(refused(b"ab\0c"), Some(Refused::Binary(2)));
        assert_eq!(refused(b"ab\xffc"), Some(Refused::NotUtf8(2)));
        assert_eq!(refused(b"ab\xc3"), Some(Refused::NotUtf8(2)));
        assert_eq!(refused(b"\xff\xfea\0\0\xdcb\0"), Some(Refused::NotUtf16(4)));
        assert_eq!(refused(b"\xff\xfea\0b"), Some(Refused::NotUtf16(4)));
        assert_eq!(refused(b"\xff\xfe\0\0"), Some(Refused::Binary(2)));
        assert_eq!(refused("é\u{feff}".as_bytes()), None);
        assert_eq!(refused(b""), None);
    }
}
