use super::Workspace;
use super::contoso::Stage;
pub(crate) fn fill(_stage: &mut Stage<'_>, _workspace: &mut Workspace) {}
