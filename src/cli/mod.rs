//! The only room with clap and printing.

pub mod azconfig;
pub mod scope;
