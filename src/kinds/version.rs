//! The version of the resource manager that is spoken.
//!
//! It is in every request to it and in every address of a plan. Clouds get versions at different times, and each version ends
//! one day, so whoever runs the program may name another one: once, before the first request, for the whole program.

use std::sync::OnceLock;

/// The version unless another one is named (identical to 2025-12-01; Azure REST API specifications).
pub const ARM_VERSION: &str = "2026-05-01";

/// The first version in which a workspace can be erased at once; to an earlier one the word is unknown, and everything would
/// be kept for 14 days.
pub const FIRST_WITH_PURGE: &str = "2023-10-01";

const QUERY: &str = "api-version=2026-05-01";

static NAMED: OnceLock<String> = OnceLock::new();

/// As every request to the resource manager has it.
pub fn arm_query() -> &'static str {
    NAMED.get().map_or(QUERY, String::as_str)
}

/// Has another version spoken from here on. The first that is named counts.
pub fn speak(version: &str) {
    let _ = NAMED.set(format!("api-version={version}"));
}

/// Whether it is a version as Azure writes them: a date, and perhaps that it is a preview.
pub fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let shape = b"0000-00-00";
    date.len() == shape.len()
        && date.bytes().zip(shape).all(|(byte, like)| match like {
            b'-' => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_date() {
        assert_eq!(QUERY, format!("api-version={ARM_VERSION}"));
        for good in [ARM_VERSION, FIRST_WITH_PURGE, "2026-05-15-preview"] {
            assert!(is_version(good), "{good}");
        }
        for bad in [
            "",
            "latest",
            "2026-5-1",
            "2026-05-01&x=1",
            "2026-05-01-Preview",
            "2026/05/01",
        ] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
