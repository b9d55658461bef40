//! The argument tree: what a person may type. No value is looked at here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::ending::Failure;
use super::person::SubjectArgs;
use super::scope::ScopeArgs;
use crate::kinds::version;

/// Exports what Azure Machine Learning holds into a directory that anyone can verify.
#[derive(Debug, Parser)]
#[command(
    name = "aml-dsr",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 unexpected; 2 usage; 3 done with gaps; 4 refused; 5 no access; 6 verification failed; 130 interrupted."
)]
pub struct Cli {
    #[command(flatten)]
    pub talk: Talk,
    #[command(subcommand)]
    pub command: Command,
}

/// How much is said, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct Talk {
    /// Say only what went wrong, and the summary
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say every request too, with the service's request id
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// How progress is shown on stderr
    #[arg(long, global = true, value_enum, default_value_t = ProgressStyle::Auto, value_name = "STYLE")]
    pub progress: ProgressStyle,
    /// How results are written to stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressStyle {
    /// Bars on a terminal, plain lines elsewhere
    Auto,
    /// Plain lines
    Plain,
    /// One JSON object a line
    Json,
    /// Nothing
    None,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// A page: the report, which this is the usual form of
    Html,
    /// A table for spreadsheets
    Csv,
}

/// Whether the command has results in this form.
pub(super) fn check_format(cli: &Cli) -> anyhow::Result<()> {
    let known = match cli.command {
        Command::Report(_) => [Format::Text, Format::Html, Format::Csv].as_slice(),
        Command::Find(_) => &[Format::Text, Format::Json, Format::Csv],
        _ => &[Format::Text, Format::Json],
    };
    if known.contains(&cli.talk.format) {
        return Ok(());
    }
    let name = |format: &Format| {
        format
            .to_possible_value()
            .map(|value| value.get_name().to_owned())
    };
    let names: Vec<String> = known.iter().filter_map(name).collect();
    Err(Failure::usage(format!(
        "this command does not write its results as {}; it knows {}",
        name(&cli.talk.format).unwrap_or_default(),
        names.join(", ")
    )))
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk workspaces and write everything into a bag: a directory that anyone can verify
    Export(ExportArgs),
    /// Say where a person occurs, or who occurs at all; nothing is written
    Find(FindArgs),
    /// Make a plan of what is erased, show it, ask, carry it out, look again, and write a receipt
    Delete(Box<super::delete::DeleteArgs>),
    /// Check a bag, or the proof of an erasure, offline, every byte
    Verify(VerifyArgs),
    /// Make one bag of the shards of an export, the same as that of an export that was never cut
    Merge(MergeArgs),
    /// Write the report of a bag: a page for people, or a table of all items
    Report(ReportArgs),
    /// Print the catalogue: what is walked, exported, redacted and deletable, with the source of each claim
    Kinds(KindsArgs),
    /// Make a key that signs the receipts of erasures
    Keygen(KeygenArgs),
    /// Serve an emulated Azure Machine Learning on this machine, to rehearse
    Emulator(EmulatorArgs),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// The directory to write, new or empty; an unfinished export in it is gone on with
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Make a bag for each workspace, all of them in the directory; registries are left to --registry
    #[arg(long, conflicts_with = "shard")]
    pub bag_per_workspace: bool,
    #[command(flatten)]
    pub person: SubjectArgs,
    #[command(flatten)]
    pub share: ShareArgs,
    #[command(flatten)]
    pub filter: super::filter::FilterArgs,
    /// Only these kinds, and the kinds that lead to them (see `aml-dsr kinds`)
    #[arg(long, value_delimiter = ',', value_name = "KIND,...")]
    pub kinds: Vec<String>,
    /// Leave out the bytes of artifacts and assets
    #[arg(long)]
    pub no_content: bool,
    /// Leave out files larger than this, for example 500MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, conflicts_with = "no_content")]
    pub max_file_size: Option<u64>,
    /// Only part K of N, counted from 1, for several machines; `auto` in an Indexed Job of Kubernetes (see `merge`)
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// Who exports, for bag-info.txt
    #[arg(long, value_name = "TEXT", help_heading = "Bag")]
    pub source_organization: Option<String>,
    /// Whom to ask about the bag
    #[arg(long, value_name = "TEXT", help_heading = "Bag")]
    pub contact_name: Option<String>,
    /// The address of that person
    #[arg(long, value_name = "TEXT", help_heading = "Bag")]
    pub contact_email: Option<String>,
}

/// How much of one person is handed over, and what of others.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types, and none excludes another in a way an enum would say better"
)]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Export of one person")]
pub struct ShareArgs {
    /// Hand over candidates as well, marked as such: finds that a person has to judge
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    pub include: Vec<Include>,
    /// Look for the person in the text of artifacts too
    #[arg(long)]
    pub scan_content: bool,
    /// Only what the person made or what was observed of them (GDPR, Article 20), in place of everything (Article 15)
    #[arg(long, conflicts_with = "include")]
    pub portability: bool,
    /// Leave everybody else as they are: for the controller's own copy, never to be handed over
    #[arg(long, conflicts_with = "pseudonym_key")]
    pub no_mask: bool,
    /// Hand over files in which others cannot be masked, since they are no text
    #[arg(long)]
    pub include_unmaskable: bool,
    /// Where to write who stands for whom; beside the bag if not given
    #[arg(long, value_name = "FILE")]
    pub pseudonym_key: Option<PathBuf>,
}

impl ShareArgs {
    /// Everything as it is: the controller's own copy.
    pub(super) fn unmasked() -> Self {
        Self {
            include: Vec::new(),
            scan_content: false,
            portability: false,
            no_mask: true,
            include_unmaskable: true,
            pseudonym_key: None,
        }
    }
}

/// What else is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Include {
    /// Finds that a person has to judge
    Candidates,
}

/// Arguments of `find`.
#[derive(Debug, Args)]
pub struct FindArgs {
    #[command(flatten)]
    pub person: SubjectArgs,
    /// List everybody who stands in an identity field, with counts
    #[arg(long, conflicts_with_all = ["subject", "object_id", "subject_file"])]
    pub people: bool,
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Only these kinds, and the kinds that lead to them (see `aml-dsr kinds`)
    #[arg(long, value_delimiter = ',', value_name = "KIND,...")]
    pub kinds: Vec<String>,
    /// Look into the text of artifacts too
    #[arg(long)]
    pub scan_content: bool,
}

/// A version as Azure writes them.
fn api_version(text: &str) -> Result<String, String> {
    if version::is_version(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "a version is a date, perhaps with -preview, such as {}",
            version::ARM_VERSION
        ))
    }
}

/// How the services are reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Talk to the built-in emulator in place of Azure
    #[arg(long, conflicts_with_all = ["cloud", "arm_endpoint", "token_stdin", "credential"])]
    pub emulator: bool,
    /// The cloud: AzureCloud, AzureChinaCloud, AzureUSGovernment, or a name of `ARM_CLOUD_METADATA_URL`
    #[arg(long, value_name = "NAME")]
    pub cloud: Option<String>,
    /// The address of the resource manager (https; http on this machine only)
    #[arg(long, value_name = "URL", conflicts_with = "cloud")]
    pub arm_endpoint: Option<String>,
    /// The version of the resource manager's API, in place of the newest that is known here
    #[arg(long, value_name = "VERSION", value_parser = api_version)]
    pub api_version: Option<String>,
    /// Read a ready access token from standard input
    #[arg(long, conflicts_with = "credential")]
    pub token_stdin: bool,
    /// Sign in with this credential only: environment, workload-identity, pipelines, managed-identity, cli, azd
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// Requests under way at once for each host; fewer when a service complains
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// The longest time for one request, waits included, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub max_wait: u64,
    #[command(flatten)]
    pub world: WorldArgs,
}

/// What the emulator serves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Emulator")]
pub struct WorldArgs {
    /// The emulated world
    #[arg(long, value_enum, default_value_t = World::Contoso, value_name = "WORLD")]
    pub world: World,
    /// Where the published specifications are (github.com/Azure/azure-rest-api-specs), for the world of the examples
    #[arg(long, value_name = "DIR", required_if_eq("world", "examples"))]
    pub specifications: Option<PathBuf>,
    /// Replace the run history by this many runs, made on the fly
    #[arg(long, value_name = "N")]
    pub runs: Option<u64>,
    /// Experiments that they are spread over
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        requires = "runs",
        hide = true
    )]
    pub experiments: u64,
    /// Metrics of each run
    #[arg(
        long,
        value_name = "N",
        default_value_t = 5,
        requires = "runs",
        hide = true
    )]
    pub metrics: u32,
    /// Values of each metric
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        requires = "runs",
        hide = true
    )]
    pub metric_values: u32,
    /// Make the metrics those of the second generation
    #[arg(long, requires = "runs", hide = true)]
    pub metrics_v2: bool,
    /// Artifacts of each run
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        requires = "runs",
        hide = true
    )]
    pub artifacts: u32,
    /// Bytes of each artifact
    #[arg(long, value_name = "SIZE", default_value = "4096", value_parser = parse_size, requires = "runs", hide = true)]
    pub artifact_bytes: u64,
    /// People that the runs are spread over, look-alikes among them
    #[arg(long, value_name = "N", requires = "runs", hide = true)]
    pub crowd: Option<u64>,
    /// Add this many small workspaces, made on the fly
    #[arg(long, value_name = "N", hide = true)]
    pub workspaces: Option<u32>,
    /// Documents of each small workspace
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        requires = "workspaces",
        hide = true
    )]
    pub items: u64,
    /// Wait this long before each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,
    /// Refuse more than this many requests a second
    #[arg(long, value_name = "RATE")]
    pub throttle: Option<f64>,
    /// Let this share of requests fail, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub faults: f64,
    /// The seed of everything that is made up
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// An emulated world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum World {
    /// Three workspaces of an invented company
    Contoso,
    /// One empty workspace
    Empty,
    /// The examples of the published specification; needs --specifications
    Examples,
    /// The three workspaces, and two more subscriptions around theirs
    Tenant,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bag; or the folder of a plan that was carried out, its receipt, or its journal
    pub path: PathBuf,
    /// The public key that has to have signed the receipt
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The bags of all shards, in any order
    #[arg(required = true, value_name = "BAG")]
    pub bags: Vec<PathBuf>,
    /// The directory to write, new or empty
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The bag
    pub bag: PathBuf,
    /// The language of the page; the table is the same in all
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANGUAGE")]
    pub language: Language,
    /// What Article 15 GDPR asks for and only the controller knows: a JSON file, see the README
    #[arg(long, value_name = "FILE")]
    pub controller_file: Option<PathBuf>,
    /// Where to write it; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// French
    Fr,
    /// Dutch
    Nl,
}

/// Arguments of `kinds`.
#[derive(Debug, Args)]
pub struct KindsArgs {
    /// Only this kind, with everything that its row says
    pub kind: Option<String>,
}

/// Arguments of `keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// Where to write the private key; the public one is written beside it, with .pub behind its name
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Arguments of `emulator`.
#[derive(Debug, Args)]
pub struct EmulatorArgs {
    /// The port to listen on; 0 takes a free one
    #[arg(long, value_name = "P", default_value_t = 0)]
    pub port: u16,
    /// What links and answers call this server, when a proxy stands in front of it
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub origin: Option<String>,
    /// What links call the server of the blobs, when a proxy stands in front of it
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub blob_origin: Option<String>,
    #[command(flatten)]
    pub world: WorldArgs,
}

/// An origin on this machine, such as `https://localhost:8443`: a rehearsal has no business elsewhere.
fn parse_origin(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|error| format!("`{text}` is no address: {error}"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if !loopback || !["http", "https"].contains(&url.scheme()) {
        return Err(format!(
            "`{text}` is not on this machine; give one such as https://localhost:8443"
        ));
    }
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(format!(
            "`{text}` is more than an origin; leave out what follows the port"
        ));
    }
    Ok(url.origin().ascii_serialization())
}

/// A number of bytes: plain, or with KB, MB, GB, KiB, MiB, GiB.
fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` does not begin with a whole number"))?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        other => return Err(format!("`{other}` is no unit of size; use KiB, MiB or GiB")),
    };
    number
        .checked_mul(factor)
        .ok_or_else(|| format!("`{text}` is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn origins_are_on_this_machine() {
        assert_eq!(
            parse_origin("https://localhost:8443/").as_deref(),
            Ok("https://localhost:8443")
        );
        assert_eq!(
            parse_origin("http://[::1]:80").as_deref(),
            Ok("http://[::1]")
        );
        for elsewhere in [
            "https://contoso.com",
            "http://127.0.0.1:80/path",
            "ftp://127.0.0.1",
            "localhost:80",
            "http://me@127.0.0.1",
        ] {
            assert!(parse_origin(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("10"), Ok(10));
        assert_eq!(parse_size("500MiB"), Ok(500 << 20));
        assert_eq!(parse_size("2 GB"), Ok(2_000_000_000));
        assert!(
            parse_size("ten").is_err()
                && parse_size("1 parsec").is_err()
                && parse_size("99999999999 GiB").is_err()
        );
    }
}
