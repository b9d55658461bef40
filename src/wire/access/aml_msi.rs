//! The identity of an Azure ML compute instance or job, which `azure_identity` does not support.
//!
//! The machine has a small service of its own at `MSI_ENDPOINT`; `MSI_SECRET` shows that the caller runs on it.

use serde::Deserialize;
use serde_json::Value;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};
use url::Url;

use super::error::Setback;
use super::service::{Context, stopped_by};
use super::{Token, transport};
use crate::wire::secret::Secret;

const NEXT: &str = "Check that the compute has a managed identity, and that AZURE_CLIENT_ID or DEFAULT_IDENTITY_CLIENT_ID names it.";
const LIMIT_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_on: Value,
    #[serde(default)]
    expires_in: Value,
}

pub(super) async fn token(
    context: &Context,
    endpoint: Url,
    secret: &str,
    client_id: Option<&str>,
    scope: &str,
) -> Result<Token, Setback> {
    if !matches!(endpoint.scheme(), "http" | "https") {
        return Err(Setback::stop("MSI_ENDPOINT is not a web address", NEXT));
    }
    let mut url = endpoint;
    // The service wants the audience, which is the scope without its last part.
    url.query_pairs_mut()
        .append_pair("api-version", "2017-09-01")
        .append_pair("resource", scope.strip_suffix("/.default").unwrap_or(scope));
    if let Some(id) = client_id {
        url.query_pairs_mut().append_pair("clientid", id);
    }
    let client = transport::direct_client().map_err(|e| stopped_by(&e))?;
    let failed = |error: reqwest::Error| {
        Setback::stop(
            format!(
                "MSI_ENDPOINT cannot be reached: {}",
                context.clean(&transport::whole(&error.without_url()))
            ),
            NEXT,
        )
    };
    let mut answer = client
        .get(url)
        .header("secret", secret)
        .header("Metadata", "true")
        .send()
        .await
        .map_err(failed)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMIT_BYTES {
            return Err(Setback::stop(
                "MSI_ENDPOINT answered at a length that no token has",
                NEXT,
            ));
        }
    }
    if !status.is_success() {
        let text = context.clean(&String::from_utf8_lossy(&body));
        return Err(match status.as_u16() {
            400 => Setback::absent(format!(
                "this compute has no such identity (HTTP 400 {text})"
            )),
            code => Setback::stop(format!("MSI_ENDPOINT answered HTTP {code} {text}"), NEXT),
        });
    }
    // The parser's own message could quote a part of the token.
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| Setback::stop("MSI_ENDPOINT answered without a token", NEXT))?;
    if answer.access_token.is_empty() {
        return Err(Setback::stop(
            "MSI_ENDPOINT answered with an empty token",
            NEXT,
        ));
    }
    let expires_on = moment(&answer.expires_on).or_else(|| {
        OffsetDateTime::now_utc()
            .checked_add(time::Duration::seconds(whole_number(&answer.expires_in)?))
    });
    Ok(Token {
        secret: Secret::new(answer.access_token),
        expires_on,
    })
}

fn whole_number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// Seconds since 1970, as a number or as text, or one of the date forms that this protocol has used over the years:
/// `1/16/2020 12:04:12 AM +00:00` and `09/14/2017 00:00:00 +00:00`.
fn moment(value: &Value) -> Option<OffsetDateTime> {
    if let Some(seconds) = whole_number(value) {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let text = value.as_str()?.trim();
    if let Ok(at) = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339) {
        return Some(at);
    }
    let text = text.strip_suffix("+00:00").unwrap_or(text).trim();
    let mut words = text.split_whitespace();
    let (date, clock, half) = (words.next()?, words.next()?, words.next());
    let [month, day, year] = numbers(date, '/')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let hour = match half {
        Some("AM") if hour == 12 => 0,
        Some("PM") if hour < 12 => hour + 12,
        _ => hour,
    };
    let small = |n: i32| u8::try_from(n).ok();
    let date =
        Date::from_calendar_date(year, Month::try_from(small(month)?).ok()?, small(day)?).ok()?;
    let clock = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(PrimitiveDateTime::new(date, clock).assume_utc())
}

fn numbers(text: &str, separator: char) -> Option<[i32; 3]> {
    let parts: Vec<i32> = text
        .split(separator)
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::access::tests::{env, serve};
    use crate::wire::cloud::Cloud;

    #[test]
    fn every_form_of_the_end_is_read() {
        for (value, seconds) in [
            (json!(1_700_000_000), 1_700_000_000),
            (json!("1700000000"), 1_700_000_000),
            (json!("1/16/2020 12:4:12 AM +00:00"), 1_579_133_052),
            (json!("1/16/2020 12:04:12 PM +00:00"), 1_579_176_252),
            (json!("09/14/2017 13:00:00 +00:00"), 1_505_394_000),
            (json!("09/14/2017 13:00:00 PM +00:00"), 1_505_394_000),
            (json!("2023-11-14T22:13:20Z"), 1_700_000_000),
        ] {
            assert_eq!(
                moment(&value).map(OffsetDateTime::unix_timestamp),
                Some(seconds),
                "{value}"
            );
        }
        for value in [
            json!(null),
            json!(""),
            json!("soon"),
            json!("13/13/2020 1:1:1"),
            json!("1/2/3"),
            json!(i64::MAX),
        ] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }

    async fn ask(status: u16, body: &'static str) -> (Result<Token, Setback>, String) {
        let server = serve(status, body).await;
        let context = Context::new(&Cloud::public(), env(&[("MSI_SECRET", "very-secret")]))
            .expect("a context");
        let endpoint = Url::parse(&format!("{}MSI/auth", server.address)).expect("an address");
        let outcome = token(
            &context,
            endpoint,
            "very-secret",
            Some("id-1"),
            "https://management.azure.com/.default",
        )
        .await;
        (outcome, server.request())
    }

    #[tokio::test]
    async fn the_request_is_what_the_compute_expects() {
        let (outcome, request) =
            ask(200, r#"{"access_token":"tok","expires_on":"1700000000"}"#).await;
        let token = outcome.expect("a token");
        assert_eq!(token.secret.expose(), "tok");
        assert_eq!(
            token.expires_on.map(OffsetDateTime::unix_timestamp),
            Some(1_700_000_000)
        );
        assert!(
            request.starts_with("GET /MSI/auth?api-version=2017-09-01&resource=https%3A%2F%2Fmanagement.azure.com&clientid=id-1 "),
            "{request}"
        );
        assert!(request.contains("secret: very-secret"), "{request}");
    }

    #[tokio::test]
    async fn refusals_are_told_without_the_secret() {
        let (outcome, _) = ask(400, r#"{"error":"no identity"}"#).await;
        assert!(
            matches!(&outcome, Err(Setback::Absent(why)) if why.contains("no identity")),
            "{outcome:?}"
        );
        for (status, body) in [
            (401, "the secret very-secret is wrong"),
            (200, "{\"access_token\":5}"),
            (200, "very-secret"),
            (200, "{\"access_token\":\"\"}"),
        ] {
            let (outcome, _) = ask(status, body).await;
            let Err(Setback::Stop { why, next }) = outcome else {
                panic!("{status} {body} did not stop")
            };
            assert!(!why.contains("very-secret") && !next.is_empty(), "{why}");
        }
    }
}
