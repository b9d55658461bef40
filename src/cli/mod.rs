//! The only room with clap and printing.

mod azconfig;
pub mod scope;
