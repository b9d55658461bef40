use super::ask::Ask;
use super::errors::{Plane, no_method};
use super::hub::Hub;
use super::reply::Reply;
use super::route::{Scope, Service};
use super::world::World;
use std::sync::Arc;
pub(crate) fn changes(ask: &Ask, _service: Service, _rest: &[&str]) -> bool {
    ask.is("DELETE") || ask.is("PUT") || ask.is("PATCH") || ask.path.ends_with(":delete")
}
pub(crate) fn answer(
    _hub: &Arc<Hub>,
    _ask: &Ask,
    service: Service,
    _world: &mut World,
    _at: usize,
    _rest: &[&str],
) -> Reply {
    no_method(service.plane())
}
pub(crate) fn arm(_hub: &Arc<Hub>, _ask: &Ask, _scope: &Scope<'_>, _rest: &[&str]) -> Reply {
    no_method(Plane::Arm)
}
pub(crate) fn covers(scope: &str, asked: &str) -> bool {
    let (scope, asked) = (scope.to_lowercase(), asked.to_lowercase());
    asked == scope
        || asked
            .strip_prefix(&scope)
            .is_some_and(|rest| rest.starts_with('/'))
}
