//! What the parts are about: each counted the workspaces and registries of the scope by itself, and one may have come or gone
//! between two counts. Then its share in some parts is nowhere, which the whole has to say; and where its name in the bag
//! depends on which others there are, the parts do not fit together.

use super::super::shard::List;
use super::super::writer::Writer;
use super::super::{Gap, Severity};
use super::part::Part;
use super::pile::Pile;
use super::{Catalogue, MergeError};
use rusqlite::{OptionalExtension, params};

/// Lists of this rank are a workspace or registry itself, where they have a folder.
const ROOT: i64 = 0;

impl Writer {
    /// Takes note that a part saw a workspace or registry, and by which name.
    pub(super) fn see_root(&self, part: &Part<'_>, list: &List) -> Result<(), MergeError> {
        if list.rank != ROOT || list.folder.is_empty() {
            return Ok(());
        }
        let sql = self.sql();
        let told = serde_json::to_string(list).unwrap_or_default();
        let known: Option<String> = self
            .db
            .prepare_cached("SELECT folder FROM merge_roots WHERE key = ?1")
            .and_then(|mut select| select.query_row([&list.key], |row| row.get(0)).optional())
            .map_err(&sql)?;
        if let Some(folder) = known.filter(|folder| *folder != list.folder) {
            return Err(MergeError::Renamed {
                dir: part.bag.root().to_owned(),
                ours: list.folder.clone(),
                theirs: folder,
            });
        }
        self.db
            .prepare_cached(
                "INSERT INTO merge_roots VALUES (?1, ?2, ?3, 1) ON CONFLICT DO UPDATE SET parts = parts + 1",
            )
            .and_then(|mut upsert| upsert.execute(params![list.key, list.folder, told]))
            .map_err(&sql)?;
        Ok(())
    }

    /// Says of every workspace and registry that some parts did not see, that their share of it is missing.
    pub(super) fn take_unseen(
        &mut self,
        parts: u32,
        catalogue: &Catalogue<'_>,
    ) -> Result<(), MergeError> {
        let unseen: Vec<(String, u32)> = self
            .db
            .prepare("SELECT told, parts FROM merge_roots WHERE parts < ?1 ORDER BY key")
            .and_then(|mut select| {
                select
                    .query_map([parts], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(self.sql())?;
        for (told, seen) in unseen {
            let list = serde_json::from_str::<List>(&told).ok();
            let Some((list, kind)) =
                list.and_then(|list| (catalogue.kind)(&list.kind).map(|kind| (list, kind)))
            else {
                continue;
            };
            let stream = self.list_of(&list)?;
            let mut pile = Pile::new(self, stream);
            pile.block().gap(&Gap {
                workspace: list.workspace,
                kind,
                parent: None,
                class: "changed",
                severity: Severity::Gap,
                reason: format!(
                    "it came or went while the shards were exported: {seen} of {parts} shards saw it, and what the others would have \
                     brought of it is missing. Export the shards again"
                ),
                detail: None,
                status: None,
                request_id: None,
            })?;
            pile.commit(self)?;
        }
        Ok(())
    }
}
