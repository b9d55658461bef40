//! Plans carried out against the emulator, which says what really happened.

mod desk;
mod drafts;
mod histories;
mod kills;
mod sentences;
