//! Files: encodings, what is skipped and why, and bounds.

use super::super::{ContentReport, Encoding, Skipped, Written};
use super::{ADA, matcher};

fn scan(bytes: &[u8], limit: u64, size: usize) -> ContentReport {
    let matcher = matcher(&ADA);
    let mut scan = matcher.content(limit);
    for chunk in bytes.chunks(size) {
        scan.feed(chunk);
    }
    scan.finish()
}

#[test]
fn the_encoding_is_told_at_every_chunking() {
    let text = "a\nü Ada Lindqvist\r\n";
    let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(unit).collect()
    };
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
        (wide(u16::to_le_bytes), Encoding::Utf16Le),
        (wide(u16::to_be_bytes), Encoding::Utf16Be),
        (b"a\n\xfc Ada Lindqvist".to_vec(), Encoding::Other),
        (b"a\nAda Lindqvist \xc3".to_vec(), Encoding::Other),
    ] {
        for size in 1..9 {
            let report = scan(&bytes, 1 << 20, size);
            assert_eq!(report.encoding, encoding, "{bytes:?} by {size}");
            assert_eq!(report.matches.len(), 1, "{bytes:?} by {size}");
            assert_eq!(report.matches[0].line, 2);
            assert_eq!((report.scanned, report.skipped), (bytes.len() as u64, None));
        }
    }
    let report = scan(b"", 10, 1);
    assert_eq!((report.encoding, report.total), (Encoding::Utf8, 0));
}

#[test]
fn what_is_no_text_is_skipped_and_said() {
    for size in [1, 2, 3, 5, 100] {
        let report = scan(
            b"Ada Lindqvist was here, long before\0Ada Lindqvist",
            1 << 20,
            size,
        );
        assert_eq!(report.skipped, Some(Skipped::Binary { at: 35 }), "{size}");
        assert_eq!((report.total, report.scanned), (1, 35));
        let report = scan(b"\0", 1 << 20, size);
        assert_eq!(report.skipped, Some(Skipped::Binary { at: 0 }));
        assert_eq!(report.scanned, 0);
        let report = scan(b"a\0b", 1 << 20, size);
        assert_eq!(report.skipped, Some(Skipped::Binary { at: 1 }));
        let wide = scan(b"\xff\xfea\0\0\0b\0", 1 << 20, size);
        assert_eq!(wide.skipped, Some(Skipped::Binary { at: 4 }), "{size}");
    }
}

#[test]
fn the_limit_is_kept_and_said() {
    let text = format!("Ada Lindqvist{}\nAda Lindqvist", " ".repeat(100));
    let report = scan(text.as_bytes(), 64, 10);
    assert_eq!(report.skipped, Some(Skipped::TooLarge { limit: 64 }));
    assert_eq!((report.total, report.scanned), (1, 64));
    let all = scan(text.as_bytes(), text.len() as u64, 10);
    assert_eq!((all.total, all.skipped), (2, None));
    // A token that the limit cuts is not judged: it may go on.
    let cut = scan(b"xxxxxxxxxxxxxxxxxxxxxxxxxx Ada Lindqvists", 40, 7);
    assert_eq!(cut.total, 0);
}

#[test]
fn the_list_is_bounded_and_the_count_is_not() {
    let report = scan("Ada Lindqvist\n".repeat(2500).as_bytes(), 1 << 20, 4096);
    assert_eq!((report.matches.len(), report.total), (1000, 2500));
    // One identifier counts once a line, however long, in its plainest spelling.
    let line = format!("{}{}", "Ada+Lindqvist ".repeat(30_000), "Ada Lindqvist");
    let report = scan(line.as_bytes(), 1 << 20, 4096);
    let written: Vec<_> = report.matches.iter().map(|m| (m.line, m.written)).collect();
    assert_eq!(written, [(1, Written::Plain)]);
}

#[test]
fn a_cut_makes_no_token() {
    // `joann@` in one long line, at every place around the cut between two blocks.
    let matcher = matcher(&["ann@contoso.com"]);
    for token in [
        "joann@contoso.com",
        "&eacute;ann@contoso.com",
        "%C3%A9ann@contoso.com",
        "ann@contoso.com.example",
    ] {
        for cut in 65_515..65_565 {
            for back in [0, 4096 + 16 * 20] {
                let text = format!("{} {token} {}", " ".repeat(cut - back), " ".repeat(70_000));
                let mut scan = matcher.content(u64::MAX);
                scan.feed(text.as_bytes());
                assert_eq!(scan.finish().matches, [], "{token} at {cut}");
            }
        }
    }
}
