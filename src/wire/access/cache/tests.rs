use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use super::*;
use crate::wire::secret::Secret;

/// Hands out numbered tokens of a fixed life, slowly enough for callers to meet.
struct Mint {
    time: Arc<AtomicI64>,
    life: i64,
    count: AtomicUsize,
    broken: AtomicBool,
}

#[async_trait]
impl Acquire for Arc<Mint> {
    async fn acquire(&self, scope: &str) -> Result<Token, AccessError> {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        if self.broken.load(Ordering::SeqCst) {
            return Err(AccessError::GivenTokenRefused);
        }
        let end = OffsetDateTime::from_unix_timestamp(self.time.load(Ordering::SeqCst) + self.life)
            .expect("a time");
        Ok(Token {
            secret: Secret::new(format!("{scope}-{number}")),
            expires_on: Some(end),
        })
    }

    fn served_by(&self) -> Option<String> {
        None
    }
}

struct World {
    time: Arc<AtomicI64>,
    mint: Arc<Mint>,
    cache: Arc<Cached<Arc<Mint>>>,
}

fn world(life: i64) -> World {
    let time = Arc::new(AtomicI64::new(1_700_000_000));
    let mint = Arc::new(Mint {
        time: Arc::clone(&time),
        life,
        count: AtomicUsize::new(0),
        broken: AtomicBool::new(false),
    });
    let clock = Arc::clone(&time);
    let clock: Clock = Box::new(move || {
        OffsetDateTime::from_unix_timestamp(clock.load(Ordering::SeqCst)).expect("a time")
    });
    let cache = Arc::new(Cached::with_clock(Arc::clone(&mint), clock));
    World { time, mint, cache }
}

impl World {
    async fn ask(&self, force: bool) -> Result<String, AccessError> {
        self.cache
            .token("s", force)
            .await
            .map(|token| token.secret.expose().to_owned())
    }

    async fn asked(&self) -> String {
        self.ask(false).await.expect("a token")
    }

    fn pass(&self, seconds: i64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }

    fn fetches(&self) -> usize {
        self.mint.count.load(Ordering::SeqCst)
    }

    /// This many callers at the same time; how many got a token.
    async fn crowd(&self, callers: usize, force: bool) -> usize {
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let cache = Arc::clone(&self.cache);
                tokio::spawn(async move { cache.token("s", force).await.is_ok() })
            })
            .collect();
        let mut served = 0;
        for task in tasks {
            served += usize::from(task.await.expect("no panic"));
        }
        served
    }
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_five_minutes_before_its_end() {
    let w = world(3600);
    assert_eq!(w.asked().await, "s-1");
    w.pass(3299);
    assert_eq!(w.asked().await, "s-1");
    w.pass(1);
    assert_eq!(w.asked().await, "s-2");
}

#[tokio::test]
async fn each_scope_has_its_own_token() {
    let w = world(3600);
    assert_eq!(
        w.cache.token("a", false).await.expect("a").secret.expose(),
        "a-1"
    );
    assert_eq!(
        w.cache.token("b", false).await.expect("b").secret.expose(),
        "b-2"
    );
    assert_eq!(
        w.cache.token("a", false).await.expect("a").secret.expose(),
        "a-1"
    );
}

#[tokio::test]
async fn tokens_of_a_minute_are_not_fetched_for_every_call() {
    let w = world(60);
    for second in 0..120 {
        w.asked().await;
        assert!(
            w.fetches() <= 1 + second / 30,
            "{} fetches in {second} s",
            w.fetches()
        );
        w.pass(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_callers_share_one_fetch() {
    let w = world(3600);
    assert_eq!(w.crowd(100, false).await, 100);
    assert_eq!(w.fetches(), 1);
}

#[tokio::test]
async fn a_hundred_refused_callers_share_one_new_token() {
    let w = world(3600);
    w.asked().await;
    assert_eq!(w.crowd(100, true).await, 100);
    assert_eq!(w.fetches(), 2);
    // One that was slower with the same old token.
    w.pass(3);
    assert_eq!(w.ask(true).await.expect("shared"), "s-2");
    // And a refusal later on is news.
    w.pass(10);
    assert_eq!(w.ask(true).await.expect("new"), "s-3");
}

#[tokio::test]
async fn a_hundred_callers_share_one_failure() {
    let w = world(3600);
    w.mint.broken.store(true, Ordering::SeqCst);
    // In one task, so that all of them ask before the first answer can come.
    let outcomes = futures_util::future::join_all((0..100).map(|_| w.ask(false))).await;
    assert!(outcomes.iter().all(Result::is_err));
    assert_eq!(w.fetches(), 1);
    // A later caller may try again.
    w.mint.broken.store(false, Ordering::SeqCst);
    assert_eq!(w.asked().await, "s-2");
}

#[tokio::test]
async fn the_old_token_serves_while_renewal_fails() {
    let w = world(3600);
    w.asked().await;
    w.mint.broken.store(true, Ordering::SeqCst);
    w.pass(3400);
    assert_eq!(w.asked().await, "s-1");
    assert_eq!(w.fetches(), 2);
    // Not every call tries again.
    w.pass(29);
    assert_eq!(w.asked().await, "s-1");
    assert_eq!(w.fetches(), 2);
    w.pass(1);
    assert_eq!(w.asked().await, "s-1");
    assert_eq!(w.fetches(), 3);
    // Once it has ended, the failure is told.
    w.pass(200);
    assert!(w.ask(false).await.is_err());
    w.mint.broken.store(false, Ordering::SeqCst);
    assert_eq!(w.asked().await, "s-5");
}

#[tokio::test]
async fn a_forced_refresh_that_fails_is_told() {
    let w = world(3600);
    w.asked().await;
    w.mint.broken.store(true, Ordering::SeqCst);
    assert!(w.ask(true).await.is_err());
    assert_eq!(w.asked().await, "s-1");
}

#[tokio::test]
async fn nobody_waits_for_a_renewal_while_the_old_token_is_valid() {
    let w = world(3600);
    w.asked().await;
    w.pass(3400);
    assert_eq!(w.crowd(100, false).await, 100);
    assert_eq!(w.fetches(), 2);
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_block_the_others() {
    let w = world(3600);
    tokio::select! {
        biased;
        _ = w.cache.token("s", false) => panic!("it answers at once"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(w.asked().await, "s-2");
}
