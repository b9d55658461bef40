//! The people of a computed run history: as many as are asked for, each computed from the seed and a number, and none of
//! them held. They come in families of ten whose names, addresses and ids are easily taken for one another.

use super::documents::{guid, word};
use crate::emulator::Shape;
use crate::emulator::mint::Mint;
use crate::emulator::world::people::{Person, Standing, TENANT};

/// How many there are when nobody says: they have an object id and a name, and nothing else.
const PLAIN: u64 = 40;
const FAMILY: u64 = LOOKS.len() as u64;

pub(crate) fn count(shape: &Shape) -> u64 {
    shape.people.map_or(PLAIN, |people| people.max(1))
}

/// Whose run it is.
pub(super) fn owner(mint: Mint, shape: &Shape, index: u64) -> u64 {
    word(mint, index, 3) % count(shape)
}

/// Who changed it last: mostly the owner.
pub(super) fn changer(mint: Mint, shape: &Shape, index: u64) -> u64 {
    if shape.people.is_some() && word(mint, index, 7).is_multiple_of(5) {
        word(mint, index, 8) % count(shape)
    } else {
        owner(mint, shape, index)
    }
}

/// Who is spoken of, and how; nobody in most runs.
pub(super) fn mentioned(mint: Mint, shape: &Shape, index: u64) -> Option<(u64, u64)> {
    shape.people?;
    let way = word(mint, index, 9) % 8;
    (way < 4).then(|| (word(mint, index, 11) % count(shape), way))
}

/// A surname of its own for each family: two letters a syllable, so that no two numbers give the same letters.
fn surname(mint: Mint, family: u64) -> String {
    const CONSONANTS: &[u8; 20] = b"bcdfghjklmnprstvwxyz";
    const VOWELS: &[u8; 5] = b"aeiou";
    // 617 shares no factor with a million, so every family lands on a number of its own.
    let mut left = (family % 1_000_000 * 617 + mint.number("surnames") % 1_000_000) % 1_000_000;
    let mut name = String::new();
    for _ in 0..3 {
        let syllable = usize::try_from(left % 100).unwrap_or(0);
        left /= 100;
        name.push(char::from(CONSONANTS[syllable / 5]));
        name.push(char::from(VOWELS[syllable % 5]));
    }
    name
}

/// The same id with another last digit.
fn neighbour(id: &str) -> String {
    let (kept, last) = id.split_at(id.len() - 1);
    format!("{kept}{}", if last == "0" { '1' } else { '0' })
}

fn plain(mint: Mint, at: u64) -> Person {
    let name = format!("Person {at:02}");
    Person {
        key: format!("person-{at:02}"),
        object_id: guid(mint, at, 30),
        tenant: TENANT.to_owned(),
        puid: None,
        idp: None,
        alt_sec_id: None,
        display_name: name.clone(),
        name,
        upn: None,
        directory_upn: None,
        mail: None,
        other_mails: Vec::new(),
        aliases: Vec::new(),
        sort: "computed",
        standing: Standing::Absent,
    }
}

/// Given name, what stands before the surname in the address, what stands behind it, domain, sort.
type Look = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const LOOKS: [Look; 10] = [
    ("Ann", "ann", "", "contoso.com", "member"),
    ("Joann", "joann", "", "contoso.com", "member"),
    // The name of the first, and an address that goes on where hers ends.
    ("Ann", "ann", "2", "contoso.com", "member"),
    ("Ann", "ann", "son", "contoso.com", "member"),
    ("Mary-Ann", "mary-ann", "", "contoso.com", "member"),
    ("Anne", "ann", "", "contoso.com.example", "member"),
    ("Lee", "lee", "", "contoso.com", "null-upn"),
    ("Lee", "lee", "", "outlook.example", "guest"),
    ("José", "jose", "", "contoso.com", "null-upn"),
    ("Page", "page", "", "contoso.com", "left"),
];

pub(crate) fn person(mint: Mint, shape: &Shape, at: u64) -> Person {
    if shape.people.is_none() {
        return plain(mint, at);
    }
    let family = at / FAMILY;
    let first = family * FAMILY;
    let place = usize::try_from(at % FAMILY).unwrap_or(0);
    let (given, local, rest, domain, sort) = LOOKS[place];
    let surname = surname(mint, family);
    let mut capital = surname.clone();
    capital[..1].make_ascii_uppercase();
    let ending = if rest == "son" { rest } else { "" };
    let name = format!("{given} {capital}{ending}");
    // The first family has the barest addresses there are.
    let alias = if family == 0 {
        format!("{local}{rest}")
    } else {
        format!("{local}.{surname}{rest}")
    };
    let puid_of = |number: u64| format!("1003{:012X}", word(mint, number, 32) >> 16);
    let puid = match place {
        1 => neighbour(&puid_of(first)),
        _ => puid_of(at),
    };
    let guest = sort == "guest";
    let mail = format!("{alias}@{domain}");
    Person {
        key: format!("person-{at:06}"),
        object_id: match place {
            6 => neighbour(&guid(mint, first, 30)),
            _ => guid(mint, at, 30),
        },
        tenant: TENANT.to_owned(),
        idp: Some(if guest {
            "live.com".to_owned()
        } else {
            format!("https://sts.windows.net/{TENANT}/")
        }),
        alt_sec_id: Some(if guest {
            format!("1:live.com:{:016X}", word(mint, at, 33))
        } else {
            format!("5::{puid}")
        }),
        puid: Some(puid),
        display_name: name.clone(),
        name,
        upn: (sort == "member").then(|| mail.clone()),
        directory_upn: Some(if guest {
            format!("{alias}_{domain}#EXT#@contoso.onmicrosoft.example")
        } else {
            mail.clone()
        }),
        mail: Some(mail),
        other_mails: Vec::new(),
        // A given name alone is nobody's own word.
        aliases: if family == 0 { Vec::new() } else { vec![alias] },
        sort,
        standing: if sort == "left" {
            Standing::Deleted
        } else {
            Standing::User
        },
    }
}
