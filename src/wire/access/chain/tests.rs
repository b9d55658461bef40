use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::wire::secret::Secret;

#[derive(Clone)]
enum Play {
    Serve,
    Absent,
    Stop,
    Hang,
}

struct Fake {
    name: &'static str,
    play: Arc<Mutex<Play>>,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Source for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(30)
    }

    async fn acquire(&self, _scope: &str) -> Result<Token, Setback> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let play = self.play.lock().expect("whole").clone();
        match play {
            Play::Serve => Ok(Token {
                secret: Secret::new(self.name),
                expires_on: None,
            }),
            Play::Absent => Err(Setback::absent("it is not set up")),
            Play::Stop => Err(Setback::stop("AADSTS7000215", "Check the secret.")),
            Play::Hang => std::future::pending().await,
        }
    }
}

struct Stage {
    chain: Chain,
    plays: Vec<Arc<Mutex<Play>>>,
    asked: Vec<Arc<AtomicUsize>>,
}

fn stage(plays: &[Play]) -> Stage {
    const NAMES: [&str; 3] = ["first", "second", "third"];
    let plays: Vec<_> = plays
        .iter()
        .cloned()
        .map(|play| Arc::new(Mutex::new(play)))
        .collect();
    let asked: Vec<_> = plays
        .iter()
        .map(|_| Arc::new(AtomicUsize::new(0)))
        .collect();
    let sources = plays
        .iter()
        .zip(&asked)
        .zip(NAMES)
        .map(|((play, asked), name)| {
            Box::new(Fake {
                name,
                play: Arc::clone(play),
                asked: Arc::clone(asked),
            }) as Box<dyn Source>
        })
        .collect();
    Stage {
        chain: Chain::new(sources),
        plays,
        asked,
    }
}

impl Stage {
    async fn ask(&self) -> Result<String, AccessError> {
        self.chain
            .acquire("scope")
            .await
            .map(|token| token.secret.expose().to_owned())
    }

    fn asked(&self) -> Vec<usize> {
        self.asked
            .iter()
            .map(|count| count.load(Ordering::SeqCst))
            .collect()
    }
}

#[tokio::test]
async fn the_first_that_is_set_up_serves_and_is_remembered() {
    let s = stage(&[Play::Absent, Play::Serve, Play::Serve]);
    assert_eq!(s.chain.served_by(), None);
    assert_eq!(s.ask().await.expect("the second"), "second");
    assert_eq!(s.chain.served_by().as_deref(), Some("second"));
    // The first one coming up later changes nothing.
    *s.plays[0].lock().expect("whole") = Play::Serve;
    assert_eq!(s.ask().await.expect("the second"), "second");
    assert_eq!(s.asked(), [1, 2, 0]);
}

#[tokio::test]
async fn a_refusal_ends_the_search() {
    let s = stage(&[Play::Absent, Play::Stop, Play::Serve]);
    let error = s.ask().await.expect_err("refused").to_string();
    assert!(
        error.contains("second")
            && error.contains("AADSTS7000215")
            && error.contains("Check the secret."),
        "{error}"
    );
    assert_eq!(s.asked(), [1, 1, 0]);
}

#[tokio::test]
async fn silence_ends_the_search() {
    let s = stage(&[Play::Hang, Play::Serve]);
    let error = s.ask().await.expect_err("silent").to_string();
    assert!(
        error.contains("first") && error.contains("did not answer within 0.03 s"),
        "{error}"
    );
    assert_eq!(s.asked(), [1, 0]);
}

#[tokio::test]
async fn the_winner_is_not_replaced_when_it_fails_later() {
    for later in [Play::Absent, Play::Stop, Play::Hang] {
        let s = stage(&[Play::Serve, Play::Serve]);
        s.ask().await.expect("the first");
        *s.plays[0].lock().expect("whole") = later;
        assert!(
            s.ask()
                .await
                .expect_err("gone")
                .to_string()
                .contains("first")
        );
        assert_eq!(s.asked()[1], 0);
    }
}

#[tokio::test]
async fn when_none_is_set_up_each_has_its_line() {
    let s = stage(&[Play::Absent, Play::Absent, Play::Absent]);
    let error = s.ask().await.expect_err("none").to_string();
    for name in ["first", "second", "third"] {
        assert_eq!(
            error
                .lines()
                .filter(|line| line.starts_with(&format!("  {name}: it is not")))
                .count(),
            1,
            "{error}"
        );
    }
    assert!(error.contains("az login"), "{error}");
}

#[tokio::test]
async fn two_scopes_at_once_make_one_search() {
    let s = stage(&[Play::Absent, Play::Serve]);
    let (a, b) = tokio::join!(s.chain.acquire("a"), s.chain.acquire("b"));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(s.asked(), [1, 2]);
}
