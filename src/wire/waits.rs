//! How long to wait. Pure: the time and the chance are passed in.

use std::time::Duration;

use reqwest::header::HeaderMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// No answer's word is taken for more than this: a service that asks for longer is not waited for anyway.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// The wait that an answer asks for: `Retry-After` in seconds or as a date, or one of the millisecond headers of Azure's
/// services, or the time at which a quota begins anew; the longest if several are there. A date in the past is no wait.
pub fn asked(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let millis = ["x-ms-retry-after-ms", "retry-after-ms"]
        .iter()
        .filter_map(|name| text(name)?.parse::<u64>().ok())
        .map(Duration::from_millis);
    let plain = text("retry-after").and_then(|value| {
        if let Ok(seconds) = value.parse::<u64>() {
            Some(Duration::from_secs(seconds))
        } else {
            let until = OffsetDateTime::parse(value, &Rfc2822).ok()?;
            Duration::try_from(until - now).ok()
        }
    });
    millis
        .chain(plain)
        .chain(text(RESETS).and_then(clock))
        .max()
        .map(|wait| wait.min(LONGEST))
}

/// When the quota of a user begins anew, in hours, minutes and seconds.
const RESETS: &str = "x-ms-user-quota-resets-after";

/// How long to wait before the next question to a service that counts questions: nothing as long as some are left. Sent
/// sooner, the next one would be refused.
pub fn spent(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let left: u64 = text("x-ms-user-quota-remaining")?.trim().parse().ok()?;
    if left > 0 {
        return None;
    }
    text(RESETS).and_then(clock).map(|wait| wait.min(LONGEST))
}

/// `hh:mm:ss`.
fn clock(text: &str) -> Option<Duration> {
    let parts: Option<Vec<u64>> = text
        .trim()
        .split(':')
        .map(|part| part.parse().ok())
        .collect();
    let parts = parts?;
    let [hours, minutes, seconds] = parts.as_slice() else {
        return None;
    };
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(*seconds)?;
    Some(Duration::from_secs(seconds))
}

/// The own wait before try number `tries` + 1: it doubles, up to a cap, and `chance` (0 to 1) takes away up to half of it,
/// so that a crowd does not come back as one.
pub fn backoff(tries: u32, base: Duration, cap: Duration, chance: f64) -> Duration {
    let whole = base
        .saturating_mul(
            1u32.checked_shl(tries.saturating_sub(1))
                .unwrap_or(u32::MAX),
        )
        .min(cap);
    whole.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
}

/// The wait before the next try: the longer of the own one and what was asked; `None` when either budget would be broken.
/// A wait that was asked for is never cut short: who may not wait that long does not knock early.
pub fn next_wait(
    tries: u32,
    max_tries: u32,
    elapsed: Duration,
    budget: Duration,
    own: Duration,
    asked: Option<Duration>,
) -> Option<Duration> {
    let wait = asked.map_or(own, |asked| asked.max(own));
    (tries < max_tries && elapsed.saturating_add(wait) <= budget).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    (*name).parse().expect("name"),
                    value.parse().expect("value"),
                )
            })
            .collect()
    }

    #[test]
    fn every_form_of_wait_is_read() {
        let now = datetime!(2026-11-21 10:00:00 UTC);
        let of = |pairs: &[(&'static str, &str)]| asked(&headers(pairs), now);
        assert_eq!(of(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            of(&[("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            of(&[("retry-after", "Sat, 21 Nov 2026 09:00:30 GMT")]),
            None
        );
        assert_eq!(
            of(&[("x-ms-retry-after-ms", "250")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            of(&[("retry-after-ms", "250"), ("retry-after", "2")]),
            Some(Duration::from_secs(2))
        );
        assert_eq!(of(&[("retry-after", "soon")]), None);
        assert_eq!(
            of(&[("retry-after", "18446744073709551615")]),
            Some(LONGEST)
        );
    }

    #[test]
    fn a_quota_that_is_used_up_is_waited_for() {
        let of = |left: &str, resets: &str| {
            spent(&headers(&[
                ("x-ms-user-quota-remaining", left),
                ("x-ms-user-quota-resets-after", resets),
            ]))
        };
        assert_eq!(of("0", "00:00:05"), Some(Duration::from_secs(5)));
        assert_eq!(of("0", "01:02:03"), Some(Duration::from_secs(3723)));
        assert_eq!(of("1", "00:00:05"), None);
        for odd in ["", "5", "00:05", "0:0:0:5", "a:b:c", "-1:00:00"] {
            assert_eq!(of("0", odd), None, "{odd}");
        }
        let never = of("0", "18446744073709551615:00:00");
        assert_eq!(never, None, "no time that can be told");
        assert_eq!(of("0", "99999999:00:00"), Some(LONGEST));
        assert_eq!(spent(&headers(&[])), None);
        // A refusal that names nothing else is waited for as well.
        let refused = headers(&[("x-ms-user-quota-resets-after", "00:00:04")]);
        let now = datetime!(2026-11-21 10:00:00 UTC);
        assert_eq!(asked(&refused, now), Some(Duration::from_secs(4)));
    }

    #[test]
    fn backoff_doubles_to_its_cap_and_keeps_within_its_jitter() {
        let (base, cap) = (Duration::from_millis(500), Duration::from_secs(30));
        assert_eq!(backoff(1, base, cap, 1.0), base);
        assert_eq!(backoff(3, base, cap, 1.0), Duration::from_secs(2));
        assert_eq!(backoff(3, base, cap, 0.0), Duration::from_secs(1));
        assert_eq!(backoff(60, base, cap, 1.0), cap);
    }

    #[test]
    fn two_budgets_and_no_early_knock() {
        let s = Duration::from_secs;
        assert_eq!(
            next_wait(1, 8, s(0), s(300), s(1), Some(s(20))),
            Some(s(20))
        );
        assert_eq!(next_wait(1, 8, s(0), s(300), s(4), Some(s(2))), Some(s(4)));
        assert_eq!(next_wait(8, 8, s(0), s(300), s(1), None), None);
        assert_eq!(
            next_wait(1, 8, s(290), s(300), s(1), Some(s(20))),
            None,
            "a wait beyond the budget is not shortened"
        );
    }
}
