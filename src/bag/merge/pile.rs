//! What is committed together: so much that a transaction pays, and so little that memory does not feel it.

use super::super::writer::{Commit, Next, Writer};
use super::super::{Bag, Block, FileFact, RefId};
use super::MergeError;
use super::part::{Kept, KeptGap};
use std::sync::Arc;

/// Items and gaps of one pile, and their bytes.
const TOGETHER: usize = 500;
const TOGETHER_BYTES: usize = 4 << 20;

/// Blocks on their way into one list, with the files behind their items.
pub(super) struct Pile {
    pub(super) stream: i64,
    block: Block,
    count: usize,
    files: Vec<(String, FileFact)>,
    refs: Vec<RefId>,
    seen: Vec<RefId>,
}

impl Pile {
    pub(super) fn new(writer: &Writer, stream: i64) -> Self {
        Self {
            stream,
            block: Block::new(&Arc::clone(writer.spill())),
            count: 0,
            files: Vec::new(),
            refs: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Puts an item on the pile, with its bytes, and commits the pile when it is high enough.
    pub(super) fn item(
        &mut self,
        writer: &mut Writer,
        bag: &Bag,
        kept: &Kept,
    ) -> Result<(), MergeError> {
        self.files.extend(writer.take_bytes(bag, kept)?);
        self.block.keep(kept)?;
        self.one_more(writer)
    }

    pub(super) fn gap(&mut self, writer: &mut Writer, gap: &KeptGap) -> Result<(), MergeError> {
        self.block.keep_gap(gap)?;
        self.one_more(writer)
    }

    /// Puts on the pile what an item refers to.
    pub(super) fn refers(&mut self, refs: Vec<RefId>, seen: Vec<RefId>) {
        self.refs.extend(refs);
        self.seen.extend(seen);
    }

    pub(super) fn block(&mut self) -> &mut Block {
        &mut self.block
    }

    fn one_more(&mut self, writer: &mut Writer) -> Result<(), MergeError> {
        self.count += 1;
        if self.count < TOGETHER && self.block.size() < TOGETHER_BYTES {
            return Ok(());
        }
        self.commit(writer)
    }

    /// Commits what is on the pile. Files come into the books before the lines that speak of them.
    pub(super) fn commit(&mut self, writer: &mut Writer) -> Result<(), MergeError> {
        let next = Self::new(writer, self.stream);
        let pile = std::mem::replace(self, next);
        if !pile.files.is_empty() {
            writer.files_done(&pile.files, &[])?;
        }
        writer.commit(Commit {
            stream: pile.stream,
            next: Next::Token("merging".to_owned()),
            blocks: vec![pile.block],
            streams: Vec::new(),
            refs: pile.refs,
            seen: pile.seen,
        })?;
        Ok(())
    }
}
