//! Why a plan is not made, or not carried out: a sentence that says what to do next.

/// A refusal. Whoever calls ends with the exit code for refusals, and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "The plan would take {wanted} items, and at most {allowed} are allowed: narrow what is asked for, or raise the limit with --max-items {wanted}"
    )]
    TooMany { wanted: u64, allowed: u64 },
    #[error(
        "The plan would take {wanted} of the {all} items that are there, which is {percent} %, and at most {allowed} % are allowed: narrow what is asked for, or raise the limit with --max-percent {percent}"
    )]
    TooMuch {
        wanted: u64,
        all: u64,
        percent: u64,
        allowed: u32,
    },
    #[error(
        "--protect {glob} cannot be used: {what}; write it with * for any text and ? for any one letter"
    )]
    Glob { glob: String, what: &'static str },
    #[error(
        "What is to be erased as a whole could not be read itself, so it cannot be planned for: check that this identity has a role on it, and make the plan again"
    )]
    NoWorkspace,
    #[error(
        "{above} would have to go after {below}, and also before it: the catalogue gives no order; leave one of the two kinds out"
    )]
    NoOrder { above: String, below: String },
    #[error("The plan cannot be written: {0}")]
    Unwritable(String),
    #[error(
        "This is no plan that this program can read ({0}): give it the file that --plan-out wrote, as it was written"
    )]
    NoPlan(String),
    #[error(
        "The plan was altered after it was written (its digest says {says}, its bytes give {gives}): make it again with --dry-run --plan-out"
    )]
    Altered { says: String, gives: String },
    #[error(
        "The plan is of the form {0}, which this version does not know: carry it out with the version that made it, or make it again"
    )]
    Format(String),
    #[error("The plan contradicts itself ({0}), so it was not made by this program: make it again")]
    Inconsistent(String),
    #[error(
        "The plan was valid until {until}, and it is {now}: make it again, since what it is about may have changed"
    )]
    Expired { until: String, now: String },
    #[error(
        "The plan was made at {made}, and here it is only {now}: set the clock of this machine or of the one that made it, and make it again if need be"
    )]
    Early { made: String, now: String },
    #[error(
        "The plan is for another {what}: it says {planned}, and here it is {here}. Choose the place that the plan was made for, or make one for this place"
    )]
    Foreign {
        what: &'static str,
        planned: String,
        here: String,
    },
    #[error(
        "The plan was applied already; a plan is carried out once. Read its receipt, and make a new plan for what is left"
    )]
    Applied,
    #[error(
        "--confirm has to be at least the first {least} characters of the plan's digest: read them with --show, or as the last line of the plan"
    )]
    ConfirmShort { least: usize },
    #[error(
        "--confirm {given} is not how the plan's digest begins, which is {begins}: this is not the plan that was reviewed, or it was mistyped"
    )]
    Unconfirmed { given: String, begins: String },
    #[error(
        "The approvals beside the plan cannot be trusted ({0}): put the file away, and have the plan approved again with --approve"
    )]
    Approvals(String),
    #[error(
        "{wanted} approvals are wanted, and there are {there}{who}: have it approved by others with --approve; whoever asked for the plan does not count"
    )]
    TooFewApprovals {
        wanted: u32,
        there: u32,
        who: String,
    },
    #[error("An approval needs a name: say it as --approve NAME")]
    NoName,
    #[error("{0} asked for this plan and cannot approve it as well: somebody else has to")]
    OwnPlan(String),
    #[error("{0} has approved this plan already, and counts once")]
    Twice(String),
}
