//! What is asked of the directory, as addresses. Pure.

use url::Url;

use super::super::hands::escape;

/// What is wanted of a user. With less permission than reading whole users, the directory leaves the last two out.
const USER: &str = "id,displayName,userPrincipalName,mail,otherMails,proxyAddresses";
const PRINCIPAL: &str = "id,appId,displayName";

/// Whether a name may stand as a segment of a path: after the slash, a dollar sign begins a word of the protocol.
pub(super) fn is_a_segment(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('$')
}

/// A user by object id or principal name. A guest's has a `#` in it, which must not end the path.
pub(super) fn user(base: &Url, id: &str) -> Url {
    at(
        base,
        &format!("users/{}", escape(id)),
        &format!("$select={USER}"),
    )
}

/// Users by any of the places in which an address may stand.
pub(super) fn users_at(base: &Url, mail: &str) -> Url {
    let mail = quoted(mail);
    at(
        base,
        "users",
        &filtered(&format!(
            "userPrincipalName eq {mail} or {}",
            holding(&mail)
        )),
    )
}

/// A deleted user by object id. As a filter, since a document from among the deleted items of every type shows too little.
pub(super) fn deleted_user(base: &Url, id: &str) -> Url {
    at(base, DELETED, &filtered(&format!("id eq {}", quoted(id))))
}

/// Deleted users by any of the places in which an address may stand. The directory puts the object id before the principal
/// name of whom it deletes, so that the name may be given to somebody else.
pub(super) fn deleted_users_at(base: &Url, mail: &str) -> Url {
    let mail = quoted(mail);
    at(
        base,
        DELETED,
        &filtered(&format!(
            "endsWith(userPrincipalName,{mail}) or {}",
            holding(&mail)
        )),
    )
}

/// A service principal by object id.
pub(super) fn service_principal(base: &Url, id: &str) -> Url {
    at(
        base,
        &format!("servicePrincipals/{}", escape(id)),
        &format!("$select={PRINCIPAL}"),
    )
}

/// The next page: of the same list, at the same host.
pub(super) fn next(first: &Url, link: &str) -> Option<Url> {
    let next = first.join(link).ok()?;
    let same = next.origin() == first.origin()
        && next.path().eq_ignore_ascii_case(first.path())
        && next.username().is_empty()
        && next.password().is_none();
    same.then_some(next)
}

const DELETED: &str = "directory/deletedItems/microsoft.graph.user";

fn at(base: &Url, path: &str, query: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}v1.0/{path}", base.path()));
    url.set_query(Some(query));
    url
}

/// The other places of an address: the mail, the proxy addresses, of which the primary one has its prefix in capitals (case
/// does not count), and those that a guest was invited by.
fn holding(mail: &str) -> String {
    let proxy = format!("'smtp:{}", &mail[1..]);
    format!("mail eq {mail} or proxyAddresses/any(p:p eq {proxy}) or otherMails/any(o:o eq {mail})")
}

/// A text of the filter language: in quotes, and a quote inside written twice.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn filtered(filter: &str) -> String {
    format!("$filter={}&$count=true&$select={USER}", escape(filter))
}
