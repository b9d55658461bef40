//! aml-dsr: finds, exports and erases what Azure Machine Learning holds, and leaves proof.

pub mod bag;
