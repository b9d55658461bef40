use super::errors::{Plane, missing};
use super::reply::Reply;
use super::route::Call;
pub(crate) fn answer(_call: &Call<'_>) -> Reply { missing(Plane::Models, "No such route.") }
