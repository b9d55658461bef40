use super::errors::{Plane, missing};
use super::reply::Reply;
use super::route::{Call, Service};
pub(crate) fn answer(_call: &Call<'_>, _service: Service) -> Reply { missing(Plane::History, "No such route.") }
