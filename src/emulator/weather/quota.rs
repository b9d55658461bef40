//! What the resource manager lets a caller ask: buckets for reading, writing and deleting, which fill again while nobody asks.
//! Sizes and rates are the published ones of a principal in a subscription.

use std::time::{Duration, Instant};

/// Requests that a full bucket holds, and how many come back in a second: reading, writing, deleting.
const SIZES: [(u64, u64); 3] = [(250, 25), (200, 10), (200, 10)];
/// Parts of one request, so that a millionth of a second counts.
const PARTS: u64 = 1_000_000;
const NAMES: [&str; 3] = [
    "x-ms-ratelimit-remaining-subscription-reads",
    "x-ms-ratelimit-remaining-subscription-writes",
    "x-ms-ratelimit-remaining-subscription-deletes",
];
/// What is asked of a caller who found a bucket empty. The resource manager knows whole seconds.
const WAIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Bucket {
    parts: u64,
    filled: Instant,
    closed: Option<Instant>,
}

/// The buckets of one caller.
#[derive(Debug)]
pub(crate) struct Quota([Bucket; 3]);

/// How a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The header that says what is left.
    pub(crate) name: &'static str,
    pub(crate) left: u64,
    /// Seconds that a refused caller has to wait; `None` when the request is taken.
    pub(crate) wait: Option<u64>,
}

impl Quota {
    pub(crate) fn full(now: Instant) -> Self {
        Self(SIZES.map(|(size, _)| Bucket {
            parts: size * PARTS,
            filled: now,
            closed: None,
        }))
    }

    /// Counts a request. Who comes before the time that was asked begins to wait anew.
    pub(crate) fn count(&mut self, method: &str, now: Instant) -> Counted {
        let which = match method {
            "GET" | "HEAD" => 0,
            "DELETE" => 2,
            _ => 1,
        };
        let (size, rate) = SIZES[which];
        let bucket = &mut self.0[which];
        let passed = now.duration_since(bucket.filled).as_micros();
        let back = u64::try_from(passed)
            .unwrap_or(u64::MAX)
            .saturating_mul(rate);
        bucket.parts = bucket.parts.saturating_add(back).min(size * PARTS);
        bucket.filled = now;
        let early = bucket.closed.is_some_and(|until| now < until);
        let refused = early || bucket.parts < PARTS;
        if refused {
            bucket.closed = Some(now + WAIT);
        } else {
            bucket.parts -= PARTS;
        }
        Counted {
            name: NAMES[which],
            left: bucket.parts / PARTS,
            wait: refused.then_some(WAIT.as_secs()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_fills_and_punishes_who_comes_early() {
        let begin = Instant::now();
        let mut quota = Quota::full(begin);
        let taken = (0..300).filter(|_| quota.count("GET", begin).wait.is_none());
        assert_eq!(taken.count(), 250);
        assert_eq!(quota.count("DELETE", begin).left, 199, "another bucket");
        let at = |ms| begin + Duration::from_millis(ms);
        assert_eq!(quota.count("GET", at(900)).wait, Some(1), "too early");
        assert_eq!(quota.count("GET", at(1800)).wait, Some(1), "and again");
        let counted = quota.count("GET", at(2900));
        assert_eq!((counted.wait, counted.left), (None, 71));
        assert_eq!(quota.count("GET", at(60_000)).left, 249);
    }
}
