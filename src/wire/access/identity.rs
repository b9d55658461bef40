//! Who a token speaks for, read from the token itself.
//!
//! The payload is read and not verified: that is the services' work. It serves to show the user whom Azure will see.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::wire::secret::Secret;

/// What a token says about its holder. Every part may be missing; none holds control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The UPN of a person, or the name of an application where the token carries one.
    pub name: Option<String>,
    pub object_id: Option<String>,
    pub tenant_id: Option<String>,
    pub app_id: Option<String>,
    /// Whom the token is for; the control plane's address in most cases.
    pub audience: Option<String>,
}

/// Reads the holder from the token, or nothing when it is no JWT.
pub fn whoami(token: &Secret) -> Option<Identity> {
    let claims = claims(token)?;
    let first = |names: &[&str]| {
        let mut text = names
            .iter()
            .find_map(|&name| claims.get(name)?.as_str())?
            .to_owned();
        text.retain(|c| !c.is_control());
        Some(text.chars().take(256).collect::<String>()).filter(|text| !text.is_empty())
    };
    Some(Identity {
        name: first(&[
            "upn",
            "preferred_username",
            "unique_name",
            "email",
            "app_displayname",
            "name",
        ]),
        object_id: first(&["oid"]),
        tenant_id: first(&["tid"]),
        app_id: first(&["appid", "azp"]),
        audience: first(&["aud"]),
    })
}

/// When the token ends, by its own account.
pub(super) fn expiry(token: &Secret) -> Option<OffsetDateTime> {
    let claims = claims(token)?;
    let exp = claims.get("exp")?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from a float saturates, and a fraction of a second is no loss"
    )]
    let seconds = exp.as_i64().or_else(|| exp.as_f64().map(|f| f as i64))?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

fn claims(token: &Secret) -> Option<Map<String, Value>> {
    let mut parts = token.expose().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An unsigned token with this payload.
    pub(in crate::wire::access) fn jwt(payload: &str) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}"),
            URL_SAFE_NO_PAD.encode(payload)
        )
    }

    #[test]
    fn a_token_names_its_holder() {
        let token = Secret::new(jwt(
            r#"{"upn":"ada@contoso.com\u001b[2J","oid":"o-1","tid":"t-1","appid":"a-1","aud":"https://x","exp":1700000000.5}"#,
        ));
        let who = whoami(&token).expect("a JWT");
        assert_eq!(who.name.as_deref(), Some("ada@contoso.com[2J"));
        assert_eq!(
            (
                who.object_id.as_deref(),
                who.tenant_id.as_deref(),
                who.app_id.as_deref()
            ),
            (Some("o-1"), Some("t-1"), Some("a-1"))
        );
        assert_eq!(
            expiry(&token).expect("a time").unix_timestamp(),
            1_700_000_000
        );
    }

    #[test]
    fn what_is_no_token_names_nobody() {
        for text in [
            "",
            "opaque",
            "a.b",
            "a.b.c",
            "..",
            &jwt("[]"),
            &jwt("{\"exp\":\"soon\"}"),
        ] {
            let token = Secret::new(text);
            assert_eq!(expiry(&token), None, "{text}");
            assert!(whoami(&token).is_none_or(|who| who == Identity::default()));
        }
        // A time that no calendar holds is no time.
        assert_eq!(expiry(&Secret::new(jwt("{\"exp\":1e300}"))), None);
    }
}
