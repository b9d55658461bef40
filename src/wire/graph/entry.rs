//! What the directory says of somebody. Pure.

use serde_json::Value;

/// Somebody in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// Of a service principal: the id of its application, which services show in the place of a name.
    pub app_id: Option<String>,
    pub display_name: Option<String>,
    /// Principal name, mail, proxy addresses and other mails, each once.
    pub addresses: Vec<String>,
    /// Whether the directory showed all the addresses, or left out what the permission does not cover.
    pub complete: bool,
}

impl Entry {
    /// Whether an address is one of theirs. Letter case does not count in a directory.
    pub fn goes_by(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        self.addresses
            .iter()
            .any(|held| held.to_lowercase() == address)
    }
}

/// Reads a user, a deleted user or a service principal. The error is a sentence's end, and quotes nothing.
pub(super) fn read(doc: &Value) -> Result<Entry, &'static str> {
    let text = |name: &str| {
        let text = doc.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let texts = |name: &str| -> Vec<String> {
        let list = doc
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        list.iter()
            .filter_map(|one| Some(one.as_str()?.trim().to_owned()))
            .collect()
    };
    let id = text("id").ok_or("there is no id in it")?;
    let mut addresses: Vec<String> = Vec::new();
    let proxies = texts("proxyAddresses");
    let known = text("userPrincipalName")
        .map(|name| without_id(&name, &id))
        .into_iter()
        .chain(text("mail"))
        .chain(proxies.iter().filter_map(|proxy| mail_of(proxy)))
        .chain(texts("otherMails"));
    for address in known {
        let same = |held: &String| held.to_lowercase() == address.to_lowercase();
        if !address.is_empty() && !addresses.iter().any(same) {
            addresses.push(address);
        }
    }
    let app_id = text("appId");
    Ok(Entry {
        complete: app_id.is_some() || doc.get("proxyAddresses").is_some_and(Value::is_array),
        display_name: text("displayName"),
        app_id,
        addresses,
        id,
    })
}

/// The entries of a page, and where the next one is.
pub(super) fn page(doc: &Value) -> Result<(Vec<Entry>, Option<String>), &'static str> {
    let list = doc
        .get("value")
        .and_then(Value::as_array)
        .ok_or("there is no list in it")?;
    let entries = list.iter().map(read).collect::<Result<_, _>>()?;
    let next = match doc.get("@odata.nextLink") {
        None | Some(Value::Null) => None,
        Some(Value::String(link)) => Some(link.clone()),
        Some(_) => return Err("its nextLink is not text"),
    };
    Ok((entries, next))
}

/// The e-mail address in a proxy address. Others are addresses of telephony (`SIP:`) and of old directories (`X500:`).
fn mail_of(proxy: &str) -> Option<String> {
    let (kind, address) = proxy.split_once(':')?;
    kind.eq_ignore_ascii_case("smtp")
        .then(|| address.trim().to_owned())
}

/// The principal name without the object id that the directory puts before it when it deletes somebody.
fn without_id(name: &str, id: &str) -> String {
    let prefix = id.replace('-', "").to_lowercase();
    match name.get(..prefix.len()) {
        Some(begin) if begin.eq_ignore_ascii_case(&prefix) && name.len() > prefix.len() => {
            name[prefix.len()..].to_owned()
        }
        _ => name.to_owned(),
    }
}
