//! Keeping pace with a bucket: how far apart requests go when a service says how few are left. Pure: the time is passed in.
//!
//! The resource manager counts with token buckets for each principal and subscription: 250 reads that come back at 25 a second,
//! 200 deletes and 200 writes that come back at 10 a second ("Understand how Azure Resource Manager throttles requests"). Each
//! answer says how many are left. While there are plenty, requests go as they like; near the bottom they go as fast as the
//! bucket fills, so that nothing is refused and nothing is left lying.

use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

/// With fewer left than this, requests are spaced.
const LOW: u64 = 20;
/// So few are left that requests go slower than the bucket fills, until there are more again.
const NEARLY_NONE: u64 = 5;
/// One read comes back in this time.
const READ: Duration = Duration::from_millis(40);
/// One delete, or one write.
const CHANGE: Duration = Duration::from_millis(100);
/// A pace that is news is said at most this often.
const TOLD: Duration = Duration::from_secs(60);

/// What an answer says about a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests that would still be taken.
    pub count: u64,
    /// In what time one comes back.
    pub refill: Duration,
}

/// What is left, by the header that says least.
pub fn left(headers: &HeaderMap) -> Option<Left> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let which = name.as_str().strip_prefix("x-ms-ratelimit-remaining-")?;
            let changes = which.ends_with("-deletes") || which.ends_with("-writes");
            Some(Left {
                count: value.to_str().ok()?.trim().parse().ok()?,
                refill: if changes { CHANGE } else { READ },
            })
        })
        .min_by_key(|left| left.count)
}

/// The pace of those who share a bucket.
#[derive(Debug, Default)]
pub struct Pace {
    /// As far as we know: what the last answer said, less what was sent since.
    left: Option<Left>,
    next: Option<Instant>,
    told: Option<Instant>,
}

impl Pace {
    /// Takes the word of an answer, `under_way` requests of which it may not know. True when it is news that requests are spaced.
    pub fn hear(&mut self, left: Left, under_way: usize, now: Instant) -> bool {
        let count = left
            .count
            .saturating_sub(u64::try_from(under_way).unwrap_or(u64::MAX));
        self.left = Some(Left { count, ..left });
        let news = count <= LOW && self.told.is_none_or(|told| now >= told + TOLD);
        if news {
            self.told = Some(now);
        }
        news
    }

    /// An answer says nothing of a bucket, as those of other services behind the same name do: its request was not counted.
    pub fn uncounted(&mut self) {
        if let Some(left) = self.left.as_mut().filter(|left| left.count > LOW) {
            // A service may say any number that a header can hold.
            left.count = left.count.saturating_add(1);
        }
    }

    /// Takes a place in the row: `Err` is the moment when there will be one.
    pub fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let Some(left) = &mut self.left else {
            return Ok(());
        };
        if left.count > LOW {
            left.count -= 1;
            return Ok(());
        }
        let every = spacing(*left);
        // A timer that rings a little late must not make the whole row late.
        let due = self.next.map_or(now, |next| {
            next.max(now.checked_sub(every * 2).unwrap_or(now))
        });
        if due > now {
            return Err(due);
        }
        self.next = Some(due + every);
        Ok(())
    }

    /// How far apart requests go now, when they are spaced.
    pub fn every(&self) -> Option<Duration> {
        self.left.filter(|left| left.count <= LOW).map(spacing)
    }
}

/// A little faster than the bucket fills while something is in it, slower when it is almost empty.
fn spacing(left: Left) -> Duration {
    match left.count {
        0 => left.refill.mul_f64(1.5),
        1..NEARLY_NONE => left.refill.mul_f64(1.05),
        _ => left.refill.mul_f64(0.95),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&'static str, &str)]) -> Option<Left> {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                (
                    name.parse().expect("what the test needs"),
                    value.parse().expect("what the test needs"),
                )
            })
            .collect();
        left(&headers)
    }

    #[test]
    fn the_header_that_says_least_counts() {
        let reads = "x-ms-ratelimit-remaining-subscription-reads";
        let all = "x-ms-ratelimit-remaining-subscription-global-reads";
        let deletes = "x-ms-ratelimit-remaining-subscription-deletes";
        let of = |count, refill| Some(Left { count, refill });
        assert_eq!(said(&[(reads, "249"), (all, "3749")]), of(249, READ));
        assert_eq!(said(&[(deletes, "3")]), of(3, CHANGE));
        assert_eq!(said(&[(reads, "many")]), None);
        assert_eq!(said(&[]), None);
    }

    /// A bucket of the resource manager, in steps of a millisecond, and whoever asks it as fast as the pace allows.
    fn ride(requests: usize, latency: Duration, at_once: usize) -> (Duration, usize) {
        let begin = Instant::now();
        let mut pace = Pace::default();
        // In thousandths of a request.
        let (mut tokens, mut refused, mut sent) = (250_000_u64, 0, 0);
        let mut answers: Vec<(Instant, u64)> = Vec::new();
        let mut now = begin;
        while sent < requests || !answers.is_empty() {
            answers.retain(|(at, count)| {
                let arrived = *at <= now;
                if arrived {
                    let count = *count;
                    pace.hear(
                        Left {
                            count,
                            refill: READ,
                        },
                        0,
                        now,
                    );
                }
                !arrived
            });
            while sent < requests && answers.len() < at_once && pace.take(now).is_ok() {
                if tokens < 1000 {
                    refused += 1;
                } else {
                    tokens -= 1000;
                }
                sent += 1;
                answers.push((now + latency, tokens / 1000));
            }
            now += Duration::from_millis(1);
            tokens = (tokens + 25).min(250_000);
        }
        (now - begin, refused)
    }

    #[test]
    fn a_bucket_is_used_up_and_never_asked_for_more() {
        for (latency, at_once) in [(2, 16), (80, 16), (80, 4), (300, 16)] {
            let (took, refused) = ride(2500, Duration::from_millis(latency), at_once);
            let least = (2500.0 - 250.0) / 25.0;
            assert_eq!(refused, 0, "{latency} ms, {at_once} at once");
            assert!(
                took.as_secs_f64() <= least * 1.05,
                "{latency} ms, {at_once} at once: {took:?} and not {least} s"
            );
        }
    }

    #[test]
    fn without_a_word_nobody_is_held_and_a_full_bucket_holds_nobody() {
        let now = Instant::now();
        let mut pace = Pace::default();
        assert!((0..1000).all(|_| pace.take(now).is_ok()));
        assert!(!pace.hear(
            Left {
                count: 11_999,
                refill: READ
            },
            16,
            now
        ));
        assert!((0..1000).all(|_| pace.take(now).is_ok()));
        assert_eq!(pace.every(), None);
    }

    #[test]
    fn what_no_bucket_counts_uses_none_up() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let left = Left {
            count: 200,
            refill: READ,
        };
        pace.hear(left, 0, now);
        for _ in 0..1000 {
            assert_eq!(pace.take(now), Ok(()));
            pace.uncounted();
        }
        assert!((0..1000).any(|_| pace.take(now).is_err()));
    }

    #[test]
    fn a_bucket_without_a_bottom_is_no_harm() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let left = Left {
            count: u64::MAX,
            refill: READ,
        };
        pace.hear(left, 0, now);
        pace.uncounted();
        assert_eq!(pace.take(now), Ok(()));
        assert_eq!(pace.every(), None);
    }

    #[test]
    fn that_requests_are_spaced_is_said_once_a_minute() {
        let now = Instant::now();
        let mut pace = Pace::default();
        let low = Left {
            count: 12,
            refill: CHANGE,
        };
        assert!(pace.hear(low, 0, now));
        assert!(!pace.hear(low, 0, now + Duration::from_secs(59)));
        assert!(pace.hear(low, 0, now + Duration::from_secs(61)));
        assert_eq!(pace.every(), Some(Duration::from_millis(95)));
    }
}
