//! Tokens that need no credential: one given on stdin, and the placeholder for an emulator.

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::identity::expiry;
use super::{AccessError, Token, Tokens};
use crate::wire::cloud::Cloud;
use crate::wire::secret::Secret;

/// A token made elsewhere. It serves every scope of Azure's, since there is nothing else to serve; the directory is another
/// service, which must not see it.
pub(super) struct GivenToken {
    token: Arc<Token>,
    /// The scope of the directory.
    graph: Option<String>,
}

impl GivenToken {
    pub(super) fn new(input: &Secret, cloud: &Cloud) -> Result<Self, AccessError> {
        let secret = clean(input)?;
        let expires_on = expiry(&secret);
        let given = Self {
            token: Arc::new(Token { secret, expires_on }),
            graph: cloud.graph_scope(),
        };
        given.check(OffsetDateTime::now_utc())?;
        Ok(given)
    }

    fn check(&self, now: OffsetDateTime) -> Result<(), AccessError> {
        match self.token.expires_on {
            Some(at) if at <= now => Err(AccessError::GivenTokenExpired { at }),
            _ => Ok(()),
        }
    }
}

/// Takes off what copying adds (blanks, quotes, "Bearer") and refuses what cannot stand in a header.
fn clean(input: &Secret) -> Result<Secret, AccessError> {
    let not = |why| AccessError::NotAToken { why };
    let text = input.expose().trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        return Err(not("it is a whole JSON document"));
    }
    let text = text
        .strip_prefix('"')
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(text)
        .trim();
    let text = match text.split_at_checked(6) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("bearer")
                && (rest.is_empty() || rest.starts_with(char::is_whitespace)) =>
        {
            rest.trim()
        }
        _ => text,
    };
    if text.is_empty() {
        return Err(not("it is empty"));
    }
    if text.contains(['\n', '\r']) {
        return Err(not("it has more than one line"));
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(not("it holds characters that no token has"));
    }
    Ok(Secret::new(text))
}

#[async_trait]
impl Tokens for GivenToken {
    async fn token(&self, scope: &str, force_refresh: bool) -> Result<Arc<Token>, AccessError> {
        if self.graph.as_deref() == Some(scope) {
            return Err(AccessError::GivenTokenNotForGraph);
        }
        self.check(OffsetDateTime::now_utc())?;
        if force_refresh {
            return Err(AccessError::GivenTokenRefused);
        }
        Ok(Arc::clone(&self.token))
    }

    fn served_by(&self) -> Option<String> {
        Some("the token from stdin".to_owned())
    }
}

/// What an emulator gets, so that its check for a token passes. No real Azure is ever sent it.
pub(super) struct Placeholder(Arc<Token>);

impl Placeholder {
    pub(super) fn new(cloud: &Cloud) -> Result<Self, AccessError> {
        if !cloud.loopback {
            return Err(AccessError::NotAnEmulator {
                cloud: cloud.name.clone(),
            });
        }
        Ok(Self(Arc::new(Token {
            secret: Secret::new("emulator"),
            expires_on: None,
        })))
    }
}

#[async_trait]
impl Tokens for Placeholder {
    async fn token(&self, _scope: &str, _force_refresh: bool) -> Result<Arc<Token>, AccessError> {
        Ok(Arc::clone(&self.0))
    }

    fn served_by(&self) -> Option<String> {
        Some("no sign-in (emulator)".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::identity::tests::jwt;
    use super::*;

    fn given(text: &str) -> Result<GivenToken, AccessError> {
        GivenToken::new(&Secret::new(text), &Cloud::public())
    }

    #[tokio::test]
    async fn what_copying_adds_is_taken_off() {
        for text in [
            "abc.def",
            " abc.def \r\n",
            "Bearer abc.def",
            "bearer\tabc.def\n",
            "\"abc.def\"\n",
            "\u{feff}abc.def",
        ] {
            let tokens = given(text).expect(text);
            assert_eq!(
                tokens
                    .token("any", false)
                    .await
                    .expect("a token")
                    .secret
                    .expose(),
                "abc.def"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_quoting_it() {
        for text in [
            "",
            " \n",
            "Bearer ",
            "hush\nhush",
            "hu sh",
            "{\"accessToken\":\"hush\"}",
            "hüsh",
        ] {
            let error = given(text).err().expect(text);
            assert!(
                error.to_string().contains("get-access-token")
                    && !error.to_string().contains("hush"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_expired_token_says_when() {
        let error = given(&jwt("{\"exp\":1700000000}"))
            .err()
            .expect("expired")
            .to_string();
        assert!(
            error.contains("2023-11-14T22:13:20Z") && !error.contains("eyJ"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_refused_token_cannot_be_renewed() {
        let tokens = given("abc").expect("a token");
        assert!(matches!(
            tokens.token("any", true).await,
            Err(AccessError::GivenTokenRefused)
        ));
    }

    #[tokio::test]
    async fn a_given_token_is_not_shown_to_the_directory() {
        let tokens = given("abc").expect("a token");
        let asked = tokens.token("https://graph.microsoft.com/.default", false);
        assert!(matches!(
            asked.await,
            Err(AccessError::GivenTokenNotForGraph)
        ));
    }

    #[tokio::test]
    async fn the_placeholder_is_for_an_emulator_only() {
        assert!(Placeholder::new(&Cloud::public()).is_err());
        let cloud = Cloud::at_arm_endpoint("http://127.0.0.1:1").expect("loopback");
        let tokens = Placeholder::new(&cloud).expect("an emulator");
        assert_eq!(
            tokens
                .token("any", true)
                .await
                .expect("always")
                .secret
                .expose(),
            "emulator"
        );
    }
}
