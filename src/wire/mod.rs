//! The only room that speaks HTTP.

pub mod access;
pub mod cloud;
pub mod secret;
