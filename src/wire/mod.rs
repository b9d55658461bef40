//! THE WIRE: the only room that speaks HTTP.
//!
//! One function sends ([`Wire::send`]). Around it stand pure functions, which is where the decisions and the tests are:
//! what an answer means ([`verdict`]), how long to wait ([`waits`]), where the next page is ([`page`]). Reading hands
//! ([`hands::Reader`]) know no delete. Tokens go only to hosts that the chosen cloud or the workspace's discovery answer
//! names; links to bytes are fetched without a token and never printed.

pub mod access;
pub mod allow;
mod answer;
pub mod brake;
mod call;
pub mod cloud;
pub mod discovery;
pub mod download;
pub mod erase;
pub mod fault;
pub mod graph;
pub mod guard;
pub mod hands;
pub mod index;
pub mod look;
pub mod pace;
pub mod page;
pub mod remains;
mod roll;
pub mod secret;
mod send;
pub mod verdict;
pub mod waits;

pub use call::{Answer, Audience, Call, Change, Settings, Verb};
pub use fault::Fault;
pub use send::Wire;
