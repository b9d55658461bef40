//! What hangs on what: the documents that go when another one goes, and come back with it.

use crate::emulator::arm::{COLLECTIONS, above};
use crate::emulator::world::{Item, Kind, jobs};

/// The kinds of documents that hang on documents of this kind.
pub(crate) fn lesser(kind: Kind) -> Vec<Kind> {
    match kind {
        // The job of a run is the same thing.
        Kind::Runs => [
            Kind::RunDetails,
            Kind::Metrics,
            Kind::MetricsV2,
            Kind::Artifacts,
        ]
        .into_iter()
        .chain(Kind::named("jobs"))
        .collect(),
        Kind::Computes => vec![Kind::ComputeNodes],
        Kind::Images => vec![Kind::ImageProfiles],
        Kind::Datasets => vec![Kind::DatasetDefinitions],
        // Deployments go with their endpoint, which is documented; features have no delete of their own. Versions do not
        // go with their container: a container stays as long as it has any.
        Kind::Resource(_) => (0..COLLECTIONS.len())
            .filter(|at| !COLLECTIONS[*at].told_as.ends_with("-versions"))
            .filter(|at| above(*at) == Some(kind))
            .map(Kind::Resource)
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a document of a lesser kind hangs on the one with this id. The children of a run are runs of their own and
/// stay.
pub(crate) fn belongs(lesser: Kind, item: &Item, id: &str) -> bool {
    match lesser {
        Kind::RunDetails => item.id == id,
        job if jobs::is_job(job) => item.id == id,
        Kind::Artifacts => {
            item.parent
                .strip_prefix("ExperimentRun/")
                .map(|container| container.strip_prefix("dcid.").unwrap_or(container))
                == Some(id)
        }
        _ => item.parent == id,
    }
}
