//! The eraser: what it takes, how it follows what goes on, and the emulator erased by it.

mod addresses;
mod emulated;
mod operations;
pub(in crate::wire) mod stage;
