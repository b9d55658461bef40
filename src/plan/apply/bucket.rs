//! ARM's bucket for deletes: 200 at once, and 10 more each second. Whoever keeps to it meets no 429. A pure function of time.

use std::time::Duration;

const CAPACITY: f64 = 200.0;
const PER_SECOND: f64 = 10.0;

#[derive(Debug)]
pub(super) struct Bucket {
    /// May fall below nothing: those who wait have taken theirs already.
    left: f64,
    /// When that was true, since the beginning.
    at: Duration,
}

impl Bucket {
    pub(super) fn full() -> Self {
        Self {
            left: CAPACITY,
            at: Duration::ZERO,
        }
    }

    /// Takes one, and says how long to wait before it may be used.
    pub(super) fn take(&mut self, now: Duration) -> Duration {
        let gained = now.saturating_sub(self.at).as_secs_f64() * PER_SECOND;
        self.left = (self.left + gained).min(CAPACITY) - 1.0;
        self.at = self.at.max(now);
        Duration::from_secs_f64((-self.left / PER_SECOND).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_at_once_and_then_ten_a_second() {
        let mut bucket = Bucket::full();
        let now = Duration::ZERO;
        assert!((0..200).all(|_| bucket.take(now).is_zero()));
        assert_eq!(bucket.take(now), Duration::from_millis(100));
        assert_eq!(bucket.take(now), Duration::from_millis(200));
        // A second later ten have come, two of which were promised.
        let now = Duration::from_secs(1);
        assert!((0..8).all(|_| bucket.take(now).is_zero()));
        assert!(!bucket.take(now).is_zero());
    }

    #[test]
    fn it_never_holds_more_than_it_can_and_a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::full();
        let late = Duration::from_secs(3600);
        assert!((0..200).all(|_| bucket.take(late).is_zero()));
        assert!(!bucket.take(late).is_zero());
        assert!(!bucket.take(Duration::ZERO).is_zero());
    }

    #[test]
    fn in_any_stretch_of_time_no_more_are_let_through_than_the_bucket_allows() {
        let mut bucket = Bucket::full();
        let mut sent: Vec<f64> = Vec::new();
        for tick in 0..2_000_u64 {
            let now = Duration::from_millis(tick * 20);
            sent.push((now + bucket.take(now)).as_secs_f64());
        }
        for (at, from) in sent.iter().enumerate() {
            for (count, to) in (1_u32..).zip(&sent[at..]) {
                let allowed = CAPACITY + (to - from) * PER_SECOND + 1.0;
                assert!(f64::from(count) <= allowed, "{count} within {}", to - from);
            }
        }
    }
}
