//! All items as one table: CSV after RFC 4180, a line an item, for a spreadsheet.
//!
//! A cell that begins with one of the signs that spreadsheets take for a formula gets an apostrophe before it, so that it is
//! text there too.

use std::io::Write;

use super::RenderError;
use crate::bag::{Bag, Item};

const COLUMNS: [&str; 14] = [
    "kind",
    "workspace",
    "id",
    "parent_kind",
    "parent_id",
    "people",
    "times",
    "file",
    "line",
    "bytes_path",
    "bytes_length",
    "redactions",
    "match",
    "match_fields",
];

/// Writes the table.
pub fn csv(bag: &Bag, to: &mut dyn Write) -> Result<(), RenderError> {
    write_row(&COLUMNS.map(str::to_owned), to)?;
    for item in bag.inventory()? {
        write_row(&cells(item?), to)?;
    }
    Ok(())
}

fn cells(item: Item) -> [String; COLUMNS.len()] {
    let (parent_kind, parent_id) = item
        .parent
        .map_or_else(Default::default, |parent| (parent.kind, parent.id));
    let people = item
        .people
        .iter()
        .map(|one| format!("{} = {}", one.field, one.value));
    let times = item
        .times
        .iter()
        .map(|one| format!("{} = {}", one.field, one.value));
    let (path, length) = item
        .bytes
        .map_or((None, None), |bytes| (bytes.path, bytes.length));
    let (strength, fields) = item.matched.map_or_else(Default::default, |matched| {
        let fields = matched.fields.iter();
        let fields = fields.map(|field| format!("{} = {}", field.pointer, field.form));
        (matched.strength, lines(fields))
    });
    [
        item.kind,
        item.workspace,
        item.id,
        parent_kind,
        parent_id,
        lines(people),
        lines(times),
        item.file.unwrap_or_default(),
        item.line.map_or_else(String::new, |line| line.to_string()),
        path.unwrap_or_default(),
        length.map_or_else(String::new, |length| length.to_string()),
        item.redactions.len().to_string(),
        strength,
        fields,
    ]
}

/// Several values in one cell, one below the other.
fn lines(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("\n")
}

fn write_row(cells: &[String], to: &mut dyn Write) -> Result<(), RenderError> {
    let row: Vec<String> = cells.iter().map(|cell| quoted(&harmless(cell))).collect();
    to.write_all(row.join(",").as_bytes())?;
    to.write_all(b"\r\n")?;
    Ok(())
}

/// Each line of a cell, since some programs split a cell at its line feeds.
fn harmless(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len() + 1);
    for (index, line) in cell.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        // Blanks and control characters before the sign do not keep every program from seeing it.
        let sign = line.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
        let begins = |signs: &str| {
            sign.chars()
                .next()
                .is_some_and(|first| signs.contains(first))
        };
        // The full-width signs are the same to spreadsheets of East Asia.
        if begins("=+-@＝＋－＠") || line.starts_with(['\t', '\r']) {
            out.push('\'');
        }
        out.push_str(line);
    }
    out
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            (" =1", "' =1"),
            ("a\n=1", "a\n'=1"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), safe);
        }
    }

    #[test]
    fn quotation_marks_after_the_rfc() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\"\r\n"), "\"say \"\"hi\"\"\r\n\"");
    }
}
