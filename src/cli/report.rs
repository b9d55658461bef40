//! `report`: writes the report of a bag again, in another language or form; and the page that every export carries.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use time::{Date, OffsetDateTime};

use super::commands::{Format, Language, ReportArgs, Talk};
use super::ending::{Ending, Failure};
use crate::bag::{Bag, BagError, Page};
use crate::render::{self, Controller, Link, Options, RenderError, When};

/// The page's name in the payload.
const PAGE: &str = "report.html";
/// The convention by which whoever builds something twice says which time counts (reproducible-builds.org).
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The language of a page.
pub(super) fn language(language: Language) -> render::Language {
    match language {
        Language::En => render::Language::English,
        Language::Fr => render::Language::French,
        Language::Nl => render::Language::Dutch,
    }
}

/// Runs it.
pub(super) fn run(args: &ReportArgs, talk: &Talk) -> anyhow::Result<Ending> {
    let bag = Bag::open(&args.bag)?;
    let controller = args
        .controller_file
        .as_deref()
        .map(controller)
        .transpose()?;
    if talk.format == Format::Csv && controller.is_some() {
        return Err(Failure::usage(
            "the table has no place for --controller-file; leave it out, or write the page",
        ));
    }
    let root = fs::canonicalize(&args.bag)?;
    let (folder, file) = destination(args.output.as_deref(), &root)?;
    let options = Options {
        language: language(args.language),
        controller: controller.unwrap_or_default(),
        when: When::Recorded,
        link: link(&folder, &root.join("data")),
    };
    let write = |to: &mut dyn Write| match talk.format {
        Format::Csv => render::csv(&bag, to),
        _ => render::html(&bag, &options, to),
    };
    let written = match file {
        Some(file) => to_file(&folder, &file, write),
        None => to_stdout(write),
    };
    written.map_err(|error| explain(error, &args.bag))?;
    Ok(Ending::Done)
}

fn controller(path: &Path) -> anyhow::Result<Controller> {
    let wrong =
        |what: String| Failure::usage(format!("the controller file {} {what}", path.display()));
    let bytes = fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Controller::parse(&bytes).map_err(|error| wrong(format!("cannot be used: {error}")))
}

/// The folder of the page, and its name when it is a file. A bag is never changed, so nothing is written into one.
fn destination(output: Option<&Path>, root: &Path) -> anyhow::Result<(PathBuf, Option<PathBuf>)> {
    let Some(output) = output else {
        return Ok((fs::canonicalize(".")?, None));
    };
    let refuse = |what: &str| Failure::usage(format!("-o {}: {what}", output.display()));
    let name = output
        .file_name()
        .ok_or_else(|| refuse("this names no file"))?;
    if output.is_dir() {
        return Err(refuse("this is a directory; name a file"));
    }
    let folder = match output.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder)
        .map_err(|error| refuse(&format!("its directory cannot be entered: {error}")))?;
    if folder.starts_with(root) {
        return Err(refuse(
            "this lies in the bag, which is never changed; choose a file outside of it",
        ));
    }
    Ok((folder.clone(), Some(folder.join(name))))
}

/// How a page in `folder` reaches `data`. Where no relative way exists (another drive), links begin at `data`.
fn link(folder: &Path, data: &Path) -> Link {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (folder.components().collect(), data.components().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if same == 0 {
        return Link::default();
    }
    let up = from[same..].iter().map(|_| Some(".."));
    let down = to[same..]
        .iter()
        .map(|part| OsStr::to_str(part.as_os_str()));
    let way: Option<Vec<&str>> = up.chain(down).collect();
    // A name that is no text cannot stand in an address.
    way.map_or_else(Link::default, |way| Link::from(way.into_iter()))
}

/// Writes beside the place and then puts it there, so that a failure leaves no half page.
fn to_file(
    folder: &Path,
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    {
        let mut to = BufWriter::with_capacity(1 << 16, draft.as_file_mut());
        write(&mut to)?;
        to.flush()?;
    }
    draft.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// A reader that goes away is a quiet success.
fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut to = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut to).and_then(|()| Ok(to.flush()?)) {
        Err(RenderError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// A bag that lacks what its manifest names, or whose lines are no lines, is damaged: that is an ending of its own.
fn explain(error: RenderError, bag: &Path) -> anyhow::Error {
    let damaged = match &error {
        RenderError::Bag(BagError::BadLine { .. }) => true,
        RenderError::Bag(BagError::Disk { source, .. }) => source.kind() == io::ErrorKind::NotFound,
        _ => false,
    };
    if !damaged {
        return error.into();
    }
    let what = match error {
        RenderError::Bag(BagError::Disk { path, .. }) => format!("{} is not there", path.display()),
        error => error.to_string(),
    };
    Failure {
        ending: Ending::VerificationFailed,
        message: format!(
            "the bag is damaged: {what}. See what else is wrong with `aml-dsr verify {}`",
            bag.display()
        ),
    }
    .into()
}

/// The day that stands in the payload: that on which the export first began, unless `SOURCE_DATE_EPOCH` names another.
pub(super) fn day(began: OffsetDateTime) -> anyhow::Result<Date> {
    let Some(text) = std::env::var_os(EPOCH).filter(|text| !text.is_empty()) else {
        return Ok(began.date());
    };
    let time = text
        .to_str()
        .and_then(|text| text.parse().ok())
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    time.map(OffsetDateTime::date).ok_or_else(|| {
        Failure::usage(format!(
            "{EPOCH} is {}, which is no number of seconds since 1970; unset it or set it to one",
            text.display()
        ))
    })
}

/// The page in the payload. It tells the day alone, since the payload must be the same each time.
#[derive(Debug)]
pub(super) struct BagPage(Options);

impl BagPage {
    pub(super) fn of(day: Date) -> Self {
        Self(Options {
            when: When::Day(day),
            ..Options::default()
        })
    }
}

impl Page for BagPage {
    fn path(&self) -> &str {
        PAGE
    }

    fn write(&self, bag: &Bag, to: &mut dyn Write) -> Result<(), BagError> {
        render::html(bag, &self.0, to).map_err(|error| match error {
            RenderError::Bag(error) => error,
            RenderError::Write(source) => BagError::Disk {
                doing: "write",
                path: PathBuf::from(PAGE),
                source,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_from_a_page_to_the_bag() {
        let way = |from: &str| format!("{:?}", link(Path::new(from), Path::new("/w/a bag/data")));
        assert!(way("/w").contains("\"a%20bag/data/\""), "{}", way("/w"));
        assert!(way("/w/x/y").contains("\"../../a%20bag/data/\""));
        assert!(way("/w/a bag/data").contains("\"\""));
    }
}
