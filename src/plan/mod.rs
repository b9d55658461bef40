//! DELETE BY A PLAN: decide, order, write it down, have it approved, carry it out, look again, and prove it.
//!
//! Deciding is pure: functions of what was found, what was asked and the time. The plan is a file with a digest over all of
//! it, and what is sent later is what stands in it, to the letter. Only `apply` knows the wire, and of the wire only the hands
//! that look and the eraser that holds the plan's addresses.

pub mod apply;
pub mod approve;
pub mod around;
pub mod chain;
pub mod check;
pub mod decide;
pub mod draft;
pub mod fingerprint;
pub mod finish;
pub mod folder;
pub mod item;
pub mod journal;
pub mod keyed;
pub mod limits;
mod links;
pub mod model;
pub mod open;
mod order;
mod places;
mod protect;
pub mod receipt;
mod refusal;
pub mod replay;
pub mod residue;
pub mod rest;
#[cfg(test)]
mod samples;
pub mod seal;
mod settle;
pub mod show;
pub mod sign;
pub mod state;
#[cfg(test)]
mod tests;
mod way;
mod whole;

pub use protect::{Protect, TAG};
pub use refusal::Refusal;
