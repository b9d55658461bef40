//! The folder that holds the bags, and the list in it that says what they are.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::told::Each;
use crate::cli::ending::Failure;
use crate::cli::export;

const LIST: &str = "workspaces.json";

/// A folder that is ours.
pub(super) struct Folder {
    dir: PathBuf,
    /// What must be the same for the work in it to be gone on with.
    about: [(&'static str, String); 4],
}

impl Folder {
    /// Takes a new or an empty directory, or one in which the same work was begun.
    pub(super) fn claim(
        dir: &Path,
        scope: &str,
        cloud: &str,
        options: &str,
    ) -> anyhow::Result<Self> {
        let folder = Self {
            dir: dir.to_owned(),
            about: [
                ("scope", scope.to_owned()),
                ("cloud", cloud.to_owned()),
                ("options", options.to_owned()),
                ("tool", export::TOOL.to_owned()),
            ],
        };
        let refuse = |what: String| Failure::usage(format!("{} {what}", dir.display()));
        if dir.is_dir() {
            if let Some(known) = folder.known()? {
                for (name, ours) in &folder.about {
                    let theirs = known[*name].as_str().unwrap_or_default();
                    if theirs != ours {
                        return Err(refuse(format!(
                            "holds bags of another {name}: there {theirs}, here {ours}. Repeat that command to go on with it, or \
                             choose another directory"
                        )));
                    }
                }
                return Ok(folder);
            }
            if fs::read_dir(dir)?.next().is_some() {
                return Err(refuse(
                    "is neither empty nor a folder of bags of this program. Choose a new or an empty directory".to_owned(),
                ));
            }
        } else if dir.exists() {
            return Err(refuse(
                "is a file. Choose a new or an empty directory".to_owned(),
            ));
        } else {
            make(dir)?;
        }
        folder.put(&folder.head(&[], &[], false))?;
        Ok(folder)
    }

    /// The list of an earlier start.
    fn known(&self) -> anyhow::Result<Option<Value>> {
        match fs::read(self.dir.join(LIST)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|error| {
                Failure::usage(format!(
                    "{} cannot be read ({error}). Choose another directory",
                    self.dir.join(LIST).display()
                ))
            })?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down what became of each workspace; `whole` says that none is left.
    pub(super) fn write(&self, each: &Each, whole: bool) -> anyhow::Result<()> {
        let rows: Vec<Value> = each.rows.iter().map(super::Row::json).collect();
        let remarks: Vec<Value> = each.remarks.iter().map(|gap| json!(gap)).collect();
        self.put(&self.head(&rows, &remarks, whole))
    }

    fn head(&self, rows: &[Value], remarks: &[Value], whole: bool) -> Value {
        let mut list = json!({"finished": whole, "workspaces": rows, "remarks": remarks});
        for (name, value) in &self.about {
            list[*name] = value.as_str().into();
        }
        list
    }

    /// In one step, so that a program that dies leaves the old list or the new one.
    fn put(&self, list: &Value) -> anyhow::Result<()> {
        let mut draft = tempfile::NamedTempFile::new_in(&self.dir)?;
        writeln!(draft, "{list:#}")?;
        draft.as_file().sync_data()?;
        draft
            .persist(self.dir.join(LIST))
            .map_err(|error| error.error)?;
        Ok(())
    }
}

/// A directory that is private to the user, as the bags in it are.
fn make(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(dir)
}
