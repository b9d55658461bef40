//! What manifests must say together, and names that they write in another Unicode form than the files have.
//!
//! A file may change the form of its name on its way through other file systems, so RFC 8493 recommends that names are
//! compared in one form. Files of the payload only: the names of tag files are those of the programs that read them.

use super::verdict::{Verdict, What};
use super::{BagError, Check, Sql};
use icu_normalizer::ComposingNormalizerBorrowed;
use rusqlite::OptionalExtension;
use std::borrow::Cow;

/// A name in the form in which names are compared.
pub(super) fn normal(name: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

impl Check<'_> {
    /// Finds the files of entries that no file matches letter for letter.
    pub(super) fn forms(&self, verdict: &mut Verdict) -> Result<(), BagError> {
        // The list is made first, since the entries change while it is read.
        self.db
            .execute_batch(
                "CREATE TABLE strayed AS SELECT DISTINCT path FROM want
                 WHERE payload AND NOT EXISTS (SELECT 1 FROM have WHERE have.path = want.path)",
            )
            .sql()?;
        let mut strayed = self
            .db
            .prepare("SELECT path FROM strayed ORDER BY path")
            .sql()?;
        let mut rows = strayed.query([]).sql()?;
        while let Some(row) = rows.next().sql()? {
            let written: String = row.get(0).sql()?;
            // Two files with one form: which of them is meant cannot be told.
            let found: Option<String> = self
                .db
                .prepare_cached("SELECT min(path) FROM formed WHERE normal = ?1 GROUP BY normal HAVING count(*) = 1")
                .and_then(|mut select| {
                    select
                        .query_row([normal(&written)], |row| row.get(0))
                        .optional()
                })
                .sql()?;
            let Some(path) = found else { continue };
            // A manifest that lists the file in both forms lists it twice, and keeps the entry that misses.
            let moved = self
                .db
                .prepare_cached("UPDATE OR IGNORE want SET path = ?2 WHERE path = ?1")
                .and_then(|mut update| update.execute([&written, &path]))
                .sql()?;
            if moved > 0 {
                verdict.warning(
                    What::Form,
                    path,
                    "a manifest writes its name in another Unicode form",
                );
            }
        }
        Ok(())
    }

    /// Since version 1.0 each manifest names every file of the payload, and each tag manifest every manifest.
    pub(super) fn every_list(&self, verdict: &mut Verdict) -> Result<(), BagError> {
        if self.version < (1, 0) {
            return Ok(());
        }
        for list in &self.lists {
            if !list.tag {
                let mut select = self
                    .db
                    .prepare(
                        "SELECT path FROM have WHERE EXISTS (SELECT 1 FROM want WHERE want.path = have.path)
                         AND NOT EXISTS (SELECT 1 FROM want WHERE want.path = have.path AND algorithm = ?1) ORDER BY path",
                    )
                    .sql()?;
                let mut rows = select.query([&list.algorithm]).sql()?;
                while let Some(row) = rows.next().sql()? {
                    let path: String = row.get(0).sql()?;
                    verdict.problem(What::Extra, path, format!("is not in {}", list.name));
                }
                continue;
            }
            for other in self.lists.iter().filter(|other| !other.tag) {
                let listed = self
                    .db
                    .prepare_cached("SELECT 1 FROM want WHERE path = ?1 AND algorithm = ?2")
                    .and_then(|mut select| select.exists([&other.name, &list.algorithm]))
                    .sql()?;
                if !listed {
                    verdict.problem(
                        What::Malformed,
                        &list.name,
                        format!("does not list {}", other.name),
                    );
                }
            }
        }
        Ok(())
    }
}
