//! A string that cannot print itself.

use std::fmt;
use std::sync::Arc;

/// A token, a password or a key. `Debug` and `Display` print a placeholder, there is no `Serialize`, and the one way to
/// the content is [`Secret::expose`], so that a search for that word finds every place where a secret can get out.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(content: impl Into<Arc<str>>) -> Self {
        Self(content.into())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatting_shows_the_content() {
        #[derive(Debug)]
        struct Holder {
            #[expect(dead_code, reason = "it is there to be printed")]
            inner: Option<Secret>,
        }
        let secret = Secret::new("hunter2");
        let holder = Holder {
            inner: Some(secret.clone()),
        };
        for text in [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{secret:#?}"),
            format!("{holder:?}"),
        ] {
            assert!(
                text.contains("<secret>") && !text.contains("hunter2"),
                "{text}"
            );
        }
        assert_eq!(secret.expose(), "hunter2");
    }
}
