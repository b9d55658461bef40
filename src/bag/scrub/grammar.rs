//! What JSON allows for words and numbers. They are checked and left as they stand.

use super::BadJson;
use super::pass::Pass;

impl Pass<'_> {
    pub(super) fn bad(&self, what: &'static str) -> BadJson {
        BadJson { at: self.at, what }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.src.get(self.at).copied()
    }

    pub(super) fn word(&mut self, word: &'static [u8]) -> Result<(), BadJson> {
        if !self.src[self.at..].starts_with(word) {
            return Err(self.bad("an unknown word"));
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), BadJson> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.bad("a number without digits"))
        } else {
            Ok(())
        }
    }

    pub(super) fn number(&mut self) -> Result<(), BadJson> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let start = self.at;
        self.digits()?;
        if zero && self.at > start + 1 {
            return Err(self.bad("a number with a leading zero"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}
