//! The credentials in order: the first that is set up serves, and goes on serving.
//!
//! *Not set up* and *not reachable* lead to the next credential. *Set up, but it did not work* ends the search: going on
//! would act as another identity than the one that was meant, and this program deletes things.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;

use super::cache::Acquire;
use super::error::Setback;
use super::{AccessError, Token};

/// One credential.
#[async_trait]
pub(super) trait Source: Send + Sync {
    /// As the user knows it, such as "Azure CLI".
    fn name(&self) -> &'static str;

    /// How long an answer may take.
    fn limit(&self) -> Duration;

    async fn acquire(&self, scope: &str) -> Result<Token, Setback>;
}

pub(super) struct Chain {
    sources: Vec<Box<dyn Source>>,
    winner: OnceLock<usize>,
    /// One search at a time, so that two scopes cannot end with two identities.
    searching: tokio::sync::Mutex<()>,
}

impl Chain {
    pub(super) fn new(sources: Vec<Box<dyn Source>>) -> Self {
        Self {
            sources,
            winner: OnceLock::new(),
            searching: tokio::sync::Mutex::default(),
        }
    }

    async fn ask(&self, index: usize, scope: &str) -> Result<Token, Setback> {
        let source = &self.sources[index];
        match tokio::time::timeout(source.limit(), source.acquire(scope)).await {
            Ok(outcome) => outcome,
            // Whether it would have served is not known, and which identity acts must not depend on a slow moment.
            Err(_) => Err(Setback::stop(
                format!(
                    "it did not answer within {} s",
                    source.limit().as_secs_f32()
                ),
                "Try again, or name the sign-in to use.",
            )),
        }
    }

    fn stopped(&self, index: usize, why: String, next: String) -> AccessError {
        AccessError::Failed {
            credential: self.sources[index].name().to_owned(),
            why,
            next,
        }
    }
}

#[async_trait]
impl Acquire for Chain {
    async fn acquire(&self, scope: &str) -> Result<Token, AccessError> {
        let _searching = match self.winner.get() {
            Some(_) => None,
            None => Some(self.searching.lock().await),
        };
        if let Some(&index) = self.winner.get() {
            return self.ask(index, scope).await.map_err(|setback| match setback {
                Setback::Stop { why, next } => self.stopped(index, why, next),
                Setback::Absent(why) => {
                    let next = "It served before, so no other sign-in was tried. Restore it, or start again.";
                    self.stopped(index, why, next.to_owned())
                }
            });
        }
        let mut tried = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            match self.ask(index, scope).await {
                Ok(token) => {
                    // Only the holder of the lock gets here, so that the cell is still empty.
                    let _ = self.winner.set(index);
                    return Ok(token);
                }
                Err(Setback::Stop { why, next }) => return Err(self.stopped(index, why, next)),
                Err(Setback::Absent(why)) => tried.push(format!("  {}: {why}", source.name())),
            }
        }
        Err(AccessError::NothingAvailable {
            tried,
            next: "Run az login, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal, or pass a token with --token-stdin."
                .to_owned(),
        })
    }

    fn served_by(&self) -> Option<String> {
        self.winner
            .get()
            .map(|&index| self.sources[index].name().to_owned())
    }
}

#[cfg(test)]
mod tests;
