//! How a step ended, in words for a terminal.

use super::model::State;

/// A sentence without its full stop. The word *erased* stands alone only when the record and every place that we know agree.
pub fn words(state: &State) -> String {
    match state {
        State::Erased => "erased".to_owned(),
        State::AlreadyGone => "already gone".to_owned(),
        State::Disabled => "disabled, not erased".to_owned(),
        State::Archived => "archived, not erased".to_owned(),
        State::SoftDeleted { until } => {
            format!("soft-deleted: not erased until {until}")
        }
        State::BytesRemain { places } => {
            format!("the record is gone, bytes remain in {}", places.join("; "))
        }
        State::NotLookedAt { places } => format!(
            "the record is gone, and nobody looked at {}",
            places.join("; ")
        ),
        State::ChangedKept { why } => format!("changed since the plan, kept: {why}"),
        State::Kept { why } => format!("not tried, kept: {why}"),
        State::Failed { why, status, code } => {
            let said: Vec<String> = status
                .map(|status| status.to_string())
                .into_iter()
                .chain(code.clone())
                .collect();
            if said.is_empty() {
                format!("failed: {why}")
            } else {
                format!("failed ({}): {why}", said.join(" "))
            }
        }
        State::Unconfirmed { why } => format!("not confirmed: {why}"),
        State::Cannot { why } => format!("cannot be erased: {why}"),
    }
}

/// The state alone, for counting.
pub fn short(state: &State) -> &'static str {
    match state {
        State::Erased => "erased",
        State::AlreadyGone => "already gone",
        State::Disabled => "disabled, not erased",
        State::Archived => "archived, not erased",
        State::SoftDeleted { .. } => "soft-deleted, not erased yet",
        State::BytesRemain { .. } => "the record is gone, bytes remain",
        State::NotLookedAt { .. } => "the record is gone, places not looked at",
        State::ChangedKept { .. } => "changed since the plan, kept",
        State::Kept { .. } => "not tried, kept",
        State::Failed { .. } => "failed",
        State::Unconfirmed { .. } => "not confirmed",
        State::Cannot { .. } => "cannot be erased",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_erased_is_called_erased() {
        let why = || "w".to_owned();
        let places = || vec!["a".to_owned(), "b".to_owned()];
        let others = [
            State::AlreadyGone,
            State::Disabled,
            State::Archived,
            State::SoftDeleted {
                until: "2026-12-05".to_owned(),
            },
            State::BytesRemain { places: places() },
            State::NotLookedAt { places: places() },
            State::ChangedKept { why: why() },
            State::Kept { why: why() },
            State::Failed {
                why: why(),
                status: Some(409),
                code: Some("ScopeLocked".to_owned()),
            },
            State::Unconfirmed { why: why() },
            State::Cannot { why: why() },
        ];
        let mut all: Vec<String> = others.iter().map(words).collect();
        for text in &all {
            let claims = text
                .replace("not erased", "")
                .replace("cannot be erased", "");
            assert!(!claims.contains("erased"), "{text}");
        }
        assert_eq!(words(&State::Erased), "erased");
        assert_eq!(all[8], "failed (409 ScopeLocked): w");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len());
    }
}
