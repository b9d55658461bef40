//! `keygen`: makes a key that signs receipts.

use std::path::PathBuf;

use super::commands::{Format, KeygenArgs, Talk};
use super::ending::{Ending, Failure};
use super::screen;
use crate::plan::folder::{self, FolderError};
use crate::plan::sign::SigningKey;

/// Runs it.
pub(super) fn run(args: &KeygenArgs, talk: &Talk) -> anyhow::Result<Ending> {
    let mut public = args.output.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    // A receipt cannot be checked any more when the public key of its signature is lost, so neither file is replaced.
    for path in [&args.output, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(Failure::usage(format!(
                "{} is there already and is not replaced: receipts may be signed with it; give another --output",
                path.display()
            )));
        }
    }
    let (key, text) = SigningKey::generate()?;
    folder::write_new(&args.output, text.as_bytes()).map_err(no_place)?;
    folder::write_new(&public, key.public().pem().as_bytes()).map_err(no_place)?;
    let fingerprint = key.public().fingerprint();
    if talk.format == Format::Json {
        let value = serde_json::json!({
            "private_key": args.output.display().to_string(),
            "public_key": public.display().to_string(),
            "fingerprint": fingerprint,
        });
        screen::data(&format!("{value:#}\n"));
    } else {
        screen::data(&format!(
            "The private key is in {}: keep it to yourself.\nThe public key is in {}: give it to whoever checks receipts.\nIts fingerprint is {fingerprint}\n",
            args.output.display(),
            public.display(),
        ));
    }
    Ok(Ending::Done)
}

fn no_place(error: FolderError) -> anyhow::Error {
    match error {
        FolderError::Disk { .. } => Failure::usage(format!("{error}; give another --output")),
        other => other.into(),
    }
}
