use super::Workspace;
use super::contoso::Stage;
use super::runs::Book;
pub(crate) fn fill(_stage: &mut Stage<'_>, _workspace: &mut Workspace, _book: &Book) {}
