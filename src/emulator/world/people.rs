//! Invented people, each of a sort that a search for a person gets wrong.

use crate::emulator::mint::Mint;
use serde_json::{Map, Value, json};

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) key: &'static str,
    pub(crate) object_id: String,
    pub(crate) tenant: String,
    pub(crate) puid: Option<String>,
    pub(crate) idp: Option<String>,
    pub(crate) alt_sec_id: Option<String>,
    pub(crate) name: String,
    pub(crate) upn: Option<String>,
    pub(crate) sort: &'static str,
}

/// Key, display name, name before the at sign, sort. The sort decides which fields the services show.
const CAST: [(&str, &str, &str, &str); 12] = [
    ("ada", "Ada Lindqvist", "ada.lindqvist", "member"),
    ("joerg", "Jörg Weißmüller", "joerg.weissmueller", "member"),
    ("maria-a", "Maria Garcia", "maria.garcia", "member"),
    ("maria-b", "Maria Garcia", "maria.garcia2", "null-upn"),
    ("tomasz", "Tomasz Zieliński", "tomasz.zielinski", "null-upn"),
    ("sam", "Sam Rivera", "sam.rivera_outlook.example", "guest"),
    (
        "robot",
        "contoso-training-automation",
        "",
        "service-principal",
    ),
    ("olga", "Olga Petrova", "olga.petrova", "user-id-only"),
    ("wei", "王伟", "wei.wang", "member"),
    ("priya", "Priya Nair", "priya.nair", "null-upn"),
    ("oconnor", "Siobhán O'Connor", "siobhan.oconnor", "member"),
    ("li", "Li", "li", "member"),
];

pub(crate) fn cast(mint: Mint, tenant: &str) -> Vec<Person> {
    CAST.iter()
        .map(|(key, name, alias, sort)| {
            let object_id = mint.guid(&format!("person {key}"));
            let principal = *sort == "service-principal";
            let guest = *sort == "guest";
            let puid = (!principal).then(|| {
                format!(
                    "1003{}",
                    &mint.hex(&format!("puid {key}")).to_uppercase()[..12]
                )
            });
            Person {
                key,
                tenant: tenant.to_owned(),
                idp: if principal {
                    None
                } else if guest {
                    Some("live.com".to_owned())
                } else {
                    Some(format!("https://sts.windows.net/{tenant}/"))
                },
                alt_sec_id: if guest {
                    Some(format!("1:live.com:{}", mint.hex("live id").to_uppercase()))
                } else {
                    puid.as_ref().map(|id| format!("5::{id}"))
                },
                puid,
                name: if principal {
                    mint.guid("application")
                } else {
                    (*name).to_owned()
                },
                upn: (*sort == "member").then(|| format!("{alias}@contoso.com")),
                object_id,
                sort,
            }
        })
        .collect()
}

impl Person {
    /// The record that run history and model management show.
    pub(crate) fn user(&self) -> Value {
        json!({
            "userObjectId": self.object_id,
            "userPuId": self.puid,
            "userIdp": self.idp,
            "userAltSecId": self.alt_sec_id,
            "userIss": format!("https://sts.windows.net/{}/", self.tenant),
            "userTenantId": self.tenant,
            "userName": self.name,
            "upn": self.upn,
        })
    }

    /// The shorter one of the pipelines service.
    pub(crate) fn pascal(&self) -> Value {
        json!({"UserObjectId": self.object_id, "UserTenantId": self.tenant, "UserName": self.name})
    }

    /// What ARM puts into `systemData`.
    pub(crate) fn system(&self) -> (String, &'static str) {
        if self.sort == "service-principal" {
            (self.name.clone(), "Application")
        } else {
            (
                self.upn.clone().unwrap_or_else(|| self.name.clone()),
                "User",
            )
        }
    }

    pub(crate) fn mail(&self) -> String {
        self.upn
            .clone()
            .unwrap_or_else(|| format!("{}@contoso.com", self.key))
    }

    /// For whoever writes a test about people.
    pub(crate) fn card(&self) -> Value {
        let mut card = self.user();
        let mut extra = Map::new();
        extra.insert("key".to_owned(), self.key.into());
        extra.insert("sort".to_owned(), self.sort.into());
        crate::emulator::text::merge(&mut card, Value::Object(extra));
        card
    }
}
