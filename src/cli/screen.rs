//! The one door to the screen. stdout carries data, stderr talk; a closed pipe is a quiet success; whatever a service said
//! passes the net for secrets and loses its control characters before a person reads it.

use std::io::Write as _;

use crate::bag::scrub::scrub_text;

/// Makes text safe to show.
pub(super) fn safe(text: &str) -> String {
    let (text, _) = scrub_text(text);
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
}

/// Says a line to the person.
pub(super) fn talk(text: &str) {
    let mut line = safe(text);
    line.push('\n');
    // Nobody listening is no reason to fail.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Writes data to stdout. `false` when the reader went away, which is fine.
pub(super) fn data(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_ok()
}

/// A size in the units that people read.
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub(super) fn size(bytes: u64) -> String {
    const UNITS: &[&str] = &["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A count with its thousands set apart.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{count, size};

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(
            [count(0), count(999), count(1000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [size(12), size(1024), size(3 << 20), size(5 << 30)],
            ["12 bytes", "1.0 KiB", "3.0 MiB", "5.0 GiB"]
        );
    }
}
