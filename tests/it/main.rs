//! Whole commands, run as a person would, against the emulator in a process of its own. Nothing leaves this machine.

mod bag;
mod context;
mod delete;
mod emulated;
mod filters;
mod json;
mod keep;

mod bad_input;
mod bad_luck;
mod bad_places;
mod elsewhere;
mod examples;
mod export;
mod flags;
mod handover;
mod keygen;
mod kinds;
mod mishaps;
mod person;
mod proof;
mod readme;
mod registries;
mod report;
mod resolve;
mod resume;
mod rooms;
mod scopes;
mod secrets;
mod shard;
mod specification;
mod truth;
mod verify;
mod weather;
