//! aml-dsr: finds, exports and erases what Azure Machine Learning holds, and leaves proof.

pub mod bag;
pub mod cli;
pub mod emulator;
pub mod kinds;
pub mod plan;
pub mod render;
pub mod report;
pub mod subject;
pub mod walk;
pub mod wire;
