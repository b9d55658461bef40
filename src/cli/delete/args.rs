//! What a person may type after `delete`.

use std::path::PathBuf;

use clap::Args;
use time::Duration;

use crate::cli::commands::{ConnectionArgs, Language};
use crate::cli::filter::{FilterArgs, parse_age};
use crate::cli::person::SubjectArgs;
use crate::cli::scope::ScopeArgs;

/// Arguments of `delete`.
#[derive(Debug, Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(flatten)]
    pub person: SubjectArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub export: ExportFirstArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub plan: PlanArgs,
    #[command(flatten)]
    pub receipt: ReceiptArgs,
}

/// What is erased, beside what selections name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Targets")]
pub struct TargetArgs {
    /// Erase this candidate too, given as KIND/ID: a find that a person has judged to be theirs; repeatable
    #[arg(long, value_name = "KIND/ID")]
    pub include_item: Vec<String>,
    /// Erase exactly what this verified bag holds; with a person or a selection: only what it holds of them
    #[arg(long, value_name = "BAG")]
    pub from: Option<PathBuf>,
    /// Erase the whole workspace, at once and for good
    #[arg(long = "workspace", conflicts_with_all = ["registry", "subject", "object_id", "subject_file", "kind", "experiment", "run", "older_than", "from", "replay", "include_item"])]
    pub whole: bool,
    /// Erase the whole registry, at once and for good; with --registry
    #[arg(long, requires = "registry", conflicts_with_all = ["whole", "subject", "object_id", "subject_file", "kind", "experiment", "run", "older_than", "from", "replay", "include_item"])]
    pub whole_registry: bool,
    /// Leave Azure's 14 days in which a deleted workspace can be recovered: then nothing is erased until they are over
    #[arg(long, requires = "whole")]
    pub soft: bool,
    /// Erase again what came back with a restore: the list of an earlier receipt
    #[arg(
        long,
        value_name = "LIST",
        requires = "replay_key",
        conflicts_with = "from"
    )]
    pub replay: Option<PathBuf>,
    /// The key that belongs to that list
    #[arg(long, value_name = "FILE", requires = "replay")]
    pub replay_key: Option<PathBuf>,
}

impl TargetArgs {
    /// Whether everything is erased, and what holds it.
    pub(super) fn whole(&self) -> bool {
        self.whole || self.whole_registry
    }
}

/// That nothing is erased which was not exported before.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Export before delete")]
pub struct ExportFirstArgs {
    /// Where to export to before the plan is made; beside the plan if not given
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "without_export"])]
    pub export_to: Option<PathBuf>,
    /// Erase without an export
    #[arg(long, conflicts_with = "from")]
    pub without_export: bool,
}

/// How much may be erased at once.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Refuse a plan that erases more items than this
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub max_items: u64,
    /// Refuse a plan that erases more than this share of the workspace's items, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_percent: u32,
    /// Never erase items whose id, or KIND/ID, this pattern matches (* and ?); repeatable
    #[arg(long, value_name = "GLOB")]
    pub protect: Vec<String>,
}

/// The plan: made, shown, approved, carried out.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Plan")]
pub struct PlanArgs {
    /// Make the plan and stop; nothing is erased
    #[arg(long)]
    pub dry_run: bool,
    /// Where to write the plan
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    pub plan_out: Option<PathBuf>,
    /// Carry out this plan, or with --show or --approve look at it or approve it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "subject", "object_id", "subject_file", "kind", "experiment", "run", "older_than", "from", "whole", "whole_registry", "replay", "include_item", "export_to", "without_export"])]
    pub plan: Option<PathBuf>,
    /// The first eight characters, or more, of the digest of the plan that is to be carried out
    #[arg(long, value_name = "DIGEST", requires = "plan")]
    pub confirm: Option<String>,
    /// Print the plan for a reviewer
    #[arg(long, requires = "plan", conflicts_with_all = ["confirm", "approve"])]
    pub show: bool,
    /// Add an approval under this name; --confirm says which plan was read
    #[arg(long, value_name = "NAME", requires = "plan")]
    pub approve: Option<String>,
    /// Refuse unless so many different people have approved the plan
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub require_approvals: u32,
    /// How long the plan may be carried out, for example 24h
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = parse_age)]
    pub valid_for: Duration,
    /// Who asks for the erasure
    #[arg(long, value_name = "NAME")]
    pub requested_by: Option<String>,
    /// The number of the case, for plan and receipt
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// Why, for the plan
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// How long to wait until an item that was erased is gone, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub patience: u64,
}

/// The receipt.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Receipt")]
pub struct ReceiptArgs {
    /// Sign the receipt with this Ed25519 key (see `aml-dsr keygen`)
    #[arg(long, value_name = "FILE")]
    pub signing_key: Option<PathBuf>,
    /// A name that shall stand in the receipt, for example that of the privacy officer; no other does
    #[arg(long, value_name = "NAME")]
    pub responsible: Option<String>,
    /// The language of the receipt's page
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANGUAGE")]
    pub language: Language,
}
