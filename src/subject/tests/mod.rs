//! The person is found wherever they stand, and nobody else is.

use super::{Matcher, Subject};

mod content;
mod documents;
mod hard;
mod planted;
mod planting;

fn matcher(texts: &[&str]) -> Matcher {
    let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
    let subject = Subject::gather(&texts, None).expect("a subject");
    Matcher::new(&subject).expect("an automaton")
}

const ADA: [&str; 3] = [
    "5c1d0a2e-0000-4000-8000-000000000001",
    "ada.lindqvist@contoso.com",
    "Ada Lindqvist",
];
