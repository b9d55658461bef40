//! Invented people, each of a sort that a search for a person gets wrong.

use crate::emulator::mint::Mint;
use crate::emulator::text;
use serde_json::{Map, Value, json};

/// What an identifier is, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    /// The object id in the directory, and the application id of a service principal, which stands in the same places.
    ObjectId,
    Puid,
    AltSecId,
    Upn,
    Mail,
    Name,
    /// What stands before the at sign, or in the name of a home directory.
    Alias,
}

impl Form {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ObjectId => "object-id",
            Self::Puid => "puid",
            Self::AltSecId => "alt-sec-id",
            Self::Upn => "upn",
            Self::Mail => "mail",
            Self::Name => "name",
            Self::Alias => "alias",
        }
    }
}

/// Where the directory keeps a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    User,
    /// Gone from the users, and still among the deleted items.
    Deleted,
    ServicePrincipal,
    /// Unknown to the directory.
    Absent,
}

impl Standing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Deleted => "deleted",
            Self::ServicePrincipal => "service-principal",
            Self::Absent => "absent",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) key: String,
    pub(crate) object_id: String,
    pub(crate) tenant: String,
    pub(crate) puid: Option<String>,
    pub(crate) idp: Option<String>,
    pub(crate) alt_sec_id: Option<String>,
    /// What the services show as the user's name: for a service principal its application id.
    pub(crate) name: String,
    /// The name in the directory.
    pub(crate) display_name: String,
    /// What the services show; null for most.
    pub(crate) upn: Option<String>,
    /// What the directory says.
    pub(crate) directory_upn: Option<String>,
    /// Everybody of the cast has one; those who are computed without a directory have none.
    pub(crate) mail: Option<String>,
    pub(crate) other_mails: Vec<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) sort: &'static str,
    pub(crate) standing: Standing,
}

/// How many of the cast are handed out by number. Whoever comes later in the cast stands only where they are put by name,
/// so that a longer cast changes no document that was there before.
pub(crate) const REGULARS: usize = 12;

/// Key, display name, name before the at sign, sort. The sort decides which fields the services show.
const CAST: [(&str, &str, &str, &str); 25] = [
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
    ("mark", "Mark Page", "mark.page", "member"),
    ("jose", "José Núñez", "jose.nunez", "member"),
    (
        "noor",
        "Noor Haddad",
        "noor.haddad_outlook.example",
        "guest-alt-sec-id",
    ),
    ("ingrid", "Ingrid Solheim", "ingrid.solheim", "left"),
    ("astrid", "Astrid Berg", "astrid.berg", "renamed"),
    ("kofi", "Kofi Mensah", "kofi.mensah", "only-in-git-remote"),
    (
        "yuki",
        "Yuki Tanaka",
        "yuki.tanaka",
        "only-in-notebook-path",
    ),
    ("elif", "Elif Kaya", "elif.kaya", "only-in-tags"),
    ("bruno", "Bruno Almeida", "bruno.almeida", "only-in-log"),
    (
        "hana",
        "Hana Sato",
        "hana.sato",
        "only-in-compute-assignment",
    ),
    ("pedro", "Pedro Silva", "pedro.silva", "only-in-e-mail-list"),
    ("zoe", "Zoë Martin", "zoe.martin", "only-in-base64"),
    (
        "lars",
        "Lars Nyberg",
        "lars.nyberg",
        "only-in-submitted-code",
    ),
];

/// The tenant of everything that is invented here.
pub(crate) const TENANT: &str = "72f98888-0000-4000-8000-2d7cd011db47";

pub(crate) fn cast(mint: Mint, tenant: &str) -> Vec<Person> {
    CAST.iter()
        .enumerate()
        .map(|(at, row)| member(mint, tenant, *row, at < REGULARS))
        .collect()
}

fn member(
    mint: Mint,
    tenant: &str,
    (key, name, alias, sort): (&'static str, &str, &str, &'static str),
    regular: bool,
) -> Person {
    let principal = sort == "service-principal";
    let guest = sort.starts_with("guest");
    let puid = (!principal).then(|| {
        format!(
            "1003{}",
            &mint.hex(&format!("puid {key}")).to_uppercase()[..12]
        )
    });
    let address = format!("{alias}@contoso.com");
    let upn = matches!(sort, "member" | "renamed").then(|| address.clone());
    let live = if sort == "guest" {
        mint.hex("live id")
    } else {
        mint.hex(&format!("live id {key}"))
    };
    // The regulars came into documents under their keys, which are neither their aliases nor their addresses.
    let mail = match (&upn, sort) {
        (Some(upn), _) => upn.clone(),
        (None, "guest-alt-sec-id") => alias.replacen('_', "@", 1),
        (None, _) if regular => format!("{key}@contoso.com"),
        (None, _) => address.clone(),
    };
    let mut aliases: Vec<String> = Vec::new();
    if regular {
        aliases.extend([key.to_owned(), key.replace('-', ".")]);
    }
    if !alias.is_empty() {
        aliases.push(alias.to_owned());
    }
    aliases.dedup();
    Person {
        key: key.to_owned(),
        object_id: mint.guid(&format!("person {key}")),
        tenant: tenant.to_owned(),
        idp: if principal {
            None
        } else if guest {
            Some("live.com".to_owned())
        } else {
            Some(format!("https://sts.windows.net/{tenant}/"))
        },
        alt_sec_id: if guest {
            Some(format!("1:live.com:{}", live.to_uppercase()))
        } else {
            puid.as_ref().map(|id| format!("5::{id}"))
        },
        puid,
        name: if principal {
            mint.guid("application")
        } else {
            name.to_owned()
        },
        display_name: name.to_owned(),
        upn,
        directory_upn: (!principal).then(|| {
            if guest {
                format!("{alias}#EXT#@contoso.onmicrosoft.example")
            } else {
                address
            }
        }),
        mail: Some(mail),
        other_mails: match sort {
            "guest" => vec!["sam.rivera@outlook.example".to_owned()],
            "renamed" => vec!["astrid.nyman@contoso.com".to_owned()],
            _ => Vec::new(),
        },
        aliases,
        sort,
        standing: match sort {
            "service-principal" => Standing::ServicePrincipal,
            "left" => Standing::Deleted,
            _ => Standing::User,
        },
    }
}

impl Person {
    /// The record that run history and model management show.
    pub(crate) fn user(&self) -> Value {
        // A personal account of elsewhere is known by nothing but its alternative security id.
        let stranger = self.sort == "guest-alt-sec-id";
        let known = |id: Option<&str>| id.filter(|_| !stranger).map(str::to_owned);
        json!({
            "userObjectId": known(Some(&self.object_id)),
            "userPuId": known(self.puid.as_deref()),
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
        self.mail.clone().unwrap_or_default()
    }

    /// Everything that the person is known by, each spelling once and as the strongest thing that it is.
    pub(crate) fn identifiers(&self) -> Vec<(Form, String)> {
        let mut all = vec![(Form::ObjectId, self.object_id.clone())];
        if self.name != self.display_name {
            all.push((Form::ObjectId, self.name.clone()));
        }
        let one = |form: Form, value: Option<&String>| value.map(|value| (form, value.clone()));
        all.extend(one(Form::Puid, self.puid.as_ref()));
        all.extend(one(Form::AltSecId, self.alt_sec_id.as_ref()));
        all.extend(one(Form::Upn, self.upn.as_ref()));
        all.extend(one(Form::Upn, self.directory_upn.as_ref()));
        all.extend(one(Form::Mail, self.mail.as_ref()));
        all.extend(
            self.other_mails
                .iter()
                .map(|mail| (Form::Mail, mail.clone())),
        );
        all.push((Form::Name, self.display_name.clone()));
        all.extend(
            self.aliases
                .iter()
                .map(|alias| (Form::Alias, alias.clone())),
        );
        let mut seen: Vec<String> = Vec::new();
        all.retain(|(_, value)| {
            let spelling = value.to_lowercase();
            let new = !seen.contains(&spelling);
            if new {
                seen.push(spelling);
            }
            new
        });
        all
    }

    /// For whoever writes a test about people.
    pub(crate) fn card(&self) -> Value {
        let mut card = self.user();
        let identifiers: Vec<Value> = self
            .identifiers()
            .into_iter()
            .map(|(form, value)| json!({"as": form.word(), "value": value}))
            .collect();
        let mut extra = Map::new();
        extra.insert("key".to_owned(), self.key.clone().into());
        extra.insert("sort".to_owned(), self.sort.into());
        extra.insert("directory".to_owned(), self.standing.word().into());
        extra.insert("identifiers".to_owned(), identifiers.into());
        text::merge(&mut card, Value::Object(extra));
        card
    }
}
