//! Sign-in: where a token comes from, how long it is kept, and what to say when there is none.
//!
//! A [`SignIn`] says what the user chose, [`open`] turns it into [`Tokens`], and the rest of the program asks those for a
//! token by scope. Below are a chain of credentials (`chain`), each made by a file of its own, and one cache over them.

mod aml_msi;
mod cache;
mod certificate;
mod chain;
mod environment;
mod error;
mod federated;
mod hints;
mod identity;
mod managed;
mod ready;
mod redact;
mod select;
mod service;
mod subprocess;
mod transport;

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;

pub use self::error::AccessError;
pub use self::identity::{Identity, whoami};
pub use self::transport::direct_client;
use super::cloud::Cloud;
use super::secret::Secret;

/// A token and the time it ends. No time means that nobody knows it; the services will tell.
#[derive(Debug)]
pub struct Token {
    pub secret: Secret,
    pub expires_on: Option<OffsetDateTime>,
}

/// Something that hands out tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// A token for this scope. After a 401 the caller asks once more with `force_refresh`; callers who do so at the same
    /// time share one new token.
    async fn token(&self, scope: &str, force_refresh: bool) -> Result<Arc<Token>, AccessError>;

    /// The credential that served, for the log; nothing before the first token.
    fn served_by(&self) -> Option<String>;
}

/// How the user chose to sign in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// The credentials in Azure's usual order, or those that `AZURE_TOKEN_CREDENTIALS` names.
    Auto,
    /// One credential by name, such as `cli` or `managed-identity`.
    Named(String),
    /// A token made elsewhere, read from stdin by the caller.
    TokenStdin(Secret),
    /// No sign-in: an emulator on this machine gets a fixed placeholder.
    None,
}

/// The environment as a function, so that tests need not touch the process's own.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Opens the chosen way to sign in. Nothing is sent yet; only choices that can never work fail here.
pub fn open(sign_in: SignIn, cloud: &Cloud) -> Result<Arc<dyn Tokens>, AccessError> {
    let env: Environment = Arc::new(|name| std::env::var(name).ok());
    open_with(sign_in, cloud, env)
}

fn open_with(
    sign_in: SignIn,
    cloud: &Cloud,
    env: Environment,
) -> Result<Arc<dyn Tokens>, AccessError> {
    // A variable that is set to nothing is how shells and CI systems unset one.
    let env: Environment = Arc::new(move |name| env(name).filter(|value| !value.trim().is_empty()));
    let names = match sign_in {
        SignIn::TokenStdin(secret) => return Ok(Arc::new(ready::GivenToken::new(&secret, cloud)?)),
        SignIn::None => return Ok(Arc::new(ready::Placeholder::new(cloud)?)),
        SignIn::Auto => select::by_environment(env("AZURE_TOKEN_CREDENTIALS").as_deref())?,
        SignIn::Named(name) => select::by_name(&name)?,
    };
    let context = service::Context::new(cloud, env)?;
    let sources = select::build(&names, &context);
    Ok(Arc::new(cache::Cached::new(chain::Chain::new(sources))))
}

#[cfg(test)]
mod tests;
