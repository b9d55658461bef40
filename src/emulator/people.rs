//! Everybody there is: the cast, and the people of a computed run history.

use super::hub::Hub;
use super::synthetic::crowd;
use super::text;
use super::world::people::Person;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use std::convert::Infallible;
use std::sync::Arc;

/// How many people there are. A number below it is a person, and stays so.
pub(crate) fn count(hub: &Hub) -> u64 {
    hub.people.len() as u64 + hub.shape.as_ref().map_or(0, crowd::count)
}

pub(crate) fn person(hub: &Hub, at: u64) -> Option<Person> {
    let index = usize::try_from(at).ok()?;
    if let Some(person) = hub.people.get(index) {
        return Some(person.clone());
    }
    let shape = hub.shape.as_ref()?;
    let rest = at - hub.people.len() as u64;
    (rest < crowd::count(shape)).then(|| crowd::person(hub.mint, shape, rest))
}

pub(crate) fn all(hub: &Hub) -> impl Iterator<Item = Person> {
    (0..count(hub)).map_while(|at| person(hub, at))
}

/// How many cards are written at a time.
const CHUNK: u64 = 200;

/// An array of cards, written piece by piece.
pub(crate) fn stream(
    hub: &Arc<Hub>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let hub = Arc::clone(hub);
    stream::unfold(Some(0), move |from: Option<u64>| {
        let told = from.map(|from| {
            let total = count(&hub);
            let to = (from + CHUNK).min(total);
            let mut out = String::from(if from == 0 { "[" } else { "" });
            for at in from..to {
                if at > 0 {
                    out.push(',');
                }
                if let Some(person) = person(&hub, at) {
                    text::write(&person.card(), &mut out);
                }
            }
            if to == total {
                out.push(']');
            }
            (out, (to < total).then_some(to))
        });
        async move {
            let (text, next) = told?;
            tokio::task::yield_now().await;
            Some((Ok(Bytes::from(text)), next))
        }
    })
}
