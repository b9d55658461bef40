//! What the directory says of somebody.

use crate::emulator::mint::zulu;
use crate::emulator::world::people::Person;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    User,
    DeletedUser,
    ServicePrincipal,
}

/// What a user shows unasked; everything else must be selected.
const DEFAULTS: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

const MORE: [&str; 10] = [
    "accountEnabled",
    "createdDateTime",
    "deletedDateTime",
    "mailNickname",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "otherMails",
    "proxyAddresses",
    "userType",
    "identities",
];

const PRINCIPAL: [&str; 8] = [
    "accountEnabled",
    "appDisplayName",
    "appId",
    "deletedDateTime",
    "displayName",
    "id",
    "servicePrincipalNames",
    "servicePrincipalType",
];

impl Resource {
    pub(super) fn odata(self) -> &'static str {
        match self {
            Self::User | Self::DeletedUser => "microsoft.graph.user",
            Self::ServicePrincipal => "microsoft.graph.servicePrincipal",
        }
    }

    /// The word in messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::User | Self::DeletedUser => "User",
            Self::ServicePrincipal => "ServicePrincipal",
        }
    }

    pub(super) fn set(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::DeletedUser => "directory/deletedItems/microsoft.graph.user",
            Self::ServicePrincipal => "servicePrincipals",
        }
    }

    /// The spelling of a property, when there is such a one.
    pub(super) fn property(self, name: &str) -> Option<&'static str> {
        let mut known = match self {
            Self::User | Self::DeletedUser => DEFAULTS.iter().chain(MORE.iter()),
            Self::ServicePrincipal => PRINCIPAL.iter().chain([].iter()),
        };
        known
            .find(|known| known.eq_ignore_ascii_case(name))
            .copied()
    }

    pub(super) fn by_default(self, name: &str) -> bool {
        match self {
            Self::User => DEFAULTS.contains(&name),
            Self::DeletedUser => DEFAULTS.contains(&name) || name == "deletedDateTime",
            Self::ServicePrincipal => true,
        }
    }
}

/// When everybody who left was deleted: the thirty days of grace are not counted here.
const DELETED: i64 = 1_710_000_000;

pub(super) fn of(person: &Person, resource: Resource) -> Map<String, Value> {
    let doc = match resource {
        Resource::ServicePrincipal => json!({
            "accountEnabled": true,
            "appDisplayName": person.display_name,
            "appId": person.name,
            "deletedDateTime": null,
            "displayName": person.display_name,
            "id": person.object_id,
            "servicePrincipalNames": [person.name],
            "servicePrincipalType": "Application",
        }),
        Resource::User | Resource::DeletedUser => user(person, resource == Resource::DeletedUser),
    };
    match doc {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn user(person: &Person, deleted: bool) -> Value {
    let upn = person.directory_upn.clone().unwrap_or_default();
    let guest = person.sort.starts_with("guest");
    // One word is no given name and surname.
    let (given, surname) = person.display_name.split_once(' ').unzip();
    // The primary address is the one whose prefix is written in capitals.
    let mut proxies = Vec::new();
    proxies.extend(person.mail.iter().map(|mail| format!("SMTP:{mail}")));
    if !guest && person.mail.as_ref() != Some(&upn) {
        proxies.push(format!("smtp:{upn}"));
    }
    if !guest {
        proxies.extend(person.other_mails.iter().map(|mail| format!("smtp:{mail}")));
    }
    let nickname = upn.split('@').next().unwrap_or_default().to_owned();
    // The principal name of a deleted user begins with the object id, so that it may be given to somebody else.
    let shown_upn = if deleted {
        format!("{}{upn}", person.object_id.replace('-', ""))
    } else {
        upn
    };
    json!({
        "accountEnabled": !deleted,
        "businessPhones": [],
        "createdDateTime": zulu(1_500_000_000),
        "deletedDateTime": deleted.then(|| zulu(DELETED)),
        "displayName": person.display_name,
        "givenName": given,
        "id": person.object_id,
        "identities": [],
        "jobTitle": null,
        "mail": person.mail,
        "mailNickname": nickname,
        "mobilePhone": null,
        "officeLocation": null,
        "onPremisesSamAccountName": null,
        "onPremisesSecurityIdentifier": null,
        "otherMails": if guest { json!(person.other_mails) } else { json!([]) },
        "preferredLanguage": null,
        "proxyAddresses": proxies,
        "surname": surname,
        "userPrincipalName": shown_upn,
        "userType": if guest { "Guest" } else { "Member" },
    })
}
