//! The laws of drafts and plans, over small worlds made by chance and a few made by hand.

mod drafts;
mod laws;
pub(in crate::plan) mod plans;
