//! Mail-shaped strings, and the things that only look like one.
//!
//! What is no mailbox of a person, although it has an at sign and a dot:
//! - `git@github.com:contoso/x.git`: `git`, `hg` and `svn` are the login of the machine, at any host; so are the mailboxes
//!   that nobody reads (`noreply`). `ada@github.com` is a person's login and does count.
//! - `abfss://data@account.dfs.core.windows.net/`: a container of a storage account.
//! - `numpy@1.26.4`, `checkout@v4.1.x`: a version begins with two numbers. `ada@163.com` is a mailbox.
//! - `photo@2x.png`: a file, when nothing but its ending makes a domain of it. `ada@contoso.com.log` is a mailbox in the
//!   name of a file, and the ending is not part of it. Only endings that are no country or other top-level domain count.
//! - `x@W.mean(`: a call in a program.

/// Endings of file names that are no top-level domains.
const ENDINGS: &[&str] = &[
    "txt", "log", "csv", "tsv", "json", "jsonl", "ipynb", "yaml", "yml", "toml", "ini", "html",
    "htm", "xml", "pdf", "png", "jpg", "jpeg", "gif", "svg", "gz", "tgz", "tar", "pkl", "parquet",
    "onnx", "npy", "npz", "out", "err", "bak", "tmp",
];

/// Mailboxes with nobody behind them.
const NOBODY: &[&str] = &[
    "git",
    "hg",
    "svn",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "postmaster",
];

/// Hosts whose "mailboxes" are containers.
const STORAGE: &[&str] = &[
    ".core.windows.net",
    ".core.chinacloudapi.cn",
    ".core.usgovcloudapi.net",
    ".fabric.microsoft.com",
];

/// What a guest's principal name ends with before the at sign, folded.
pub(super) const GUEST: &str = "#ext#";

/// The longest mail address there is (RFC 5321: 64 and 255), with room for a guest's.
const LONGEST: usize = 400;

/// Where mail-shaped strings stand in a folded text.
pub(super) fn find(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in memchr::memchr_iter(b'@', text.as_bytes()) {
        if let Some(spot) = around(text, at)
            && found.last().is_none_or(|last| last.1 <= spot.0)
        {
            found.push(spot);
        }
    }
    found
}

fn around(text: &str, at: usize) -> Option<(usize, usize)> {
    let mailbox = &text[..at];
    let guest = mailbox.strip_suffix(GUEST);
    let name = guest.unwrap_or(mailbox);
    let reach = name
        .char_indices()
        .rev()
        .take_while(|(_, c)| in_mailbox(*c))
        .take(LONGEST + 1)
        .last()?
        .0;
    let start = reach + name[reach..].find(char::is_alphanumeric)?;
    let rest = &text[at + 1..];
    let reach = rest
        .char_indices()
        .take(LONGEST + 1)
        .find(|(_, c)| !in_domain(*c))
        .map_or(rest.len(), |(end, _)| end);
    let domain = clean_domain(&rest[..reach])?;
    let end = at + 1 + domain.len();
    if end - start > LONGEST
        || NOBODY.contains(&&text[start..at])
        || STORAGE.iter().any(|host| domain.ends_with(host))
        || text[end..].starts_with('(')
    {
        return None;
    }
    Some((start, end))
}

fn in_mailbox(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-') || super::folded::joins(c)
}

fn in_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-') || super::folded::joins(c)
}

/// The domain without what follows it; `None` when it is none.
fn clean_domain(reach: &str) -> Option<&str> {
    let mut domain = reach;
    loop {
        domain = domain.trim_end_matches(['.', '-']);
        if let Some(double) = domain.find("..") {
            domain = &domain[..double];
            continue;
        }
        match domain.rsplit_once('.') {
            Some((rest, ending)) if ENDINGS.contains(&ending) => domain = rest,
            _ => break,
        }
    }
    let (_, last) = domain.rsplit_once('.')?;
    let first = domain.chars().next()?;
    let top = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic)
        || last.starts_with("xn--");
    (first.is_alphanumeric() && top && !is_version(domain)).then_some(domain)
}

/// `1.2.3`, `v4.1.x`: two numbers at the beginning.
fn is_version(domain: &str) -> bool {
    let mut labels = domain.strip_prefix('v').unwrap_or(domain).split('.');
    let number = |label: Option<&str>| {
        label.is_some_and(|label| {
            !label.is_empty()
                && label
                    .trim_end_matches(|c: char| !c.is_ascii_digit())
                    .bytes()
                    .all(|b| b.is_ascii_digit())
                && label.as_bytes()[0].is_ascii_digit()
        })
    };
    number(labels.next()) && number(labels.next())
}

/// The mailbox part of a mail: what a notebook folder is called. A guest's has the home address before the mark.
pub(super) fn alias(mail: &str) -> Option<&str> {
    let (mailbox, _) = mail.rsplit_once('@')?;
    Some(mailbox.strip_suffix(GUEST).unwrap_or(mailbox))
}

/// The address at home of a guest: `sam_outlook.example#ext#@contoso.com` is `sam@outlook.example`.
pub(super) fn home(mail: &str) -> Option<String> {
    let (mailbox, _) = mail.rsplit_once('@')?;
    let (name, domain) = mailbox.strip_suffix(GUEST)?.rsplit_once('_')?;
    (!name.is_empty() && domain.contains('.')).then(|| format!("{name}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|(a, b)| &text[a..b]).collect()
    }

    #[test]
    fn mailboxes_are_found_without_what_stands_around_them() {
        for (text, mail) in [
            ("to <ada@contoso.com>, ", "ada@contoso.com"),
            ("mailto:ada.l+x@contoso.co.uk.", "ada.l+x@contoso.co.uk"),
            ("log_ada@contoso.com.txt", "log_ada@contoso.com"),
            ("...ada@contoso.com...", "ada@contoso.com"),
            (
                "x sam_outlook.example#ext#@contoso.com y",
                "sam_outlook.example#ext#@contoso.com",
            ),
            ("https://ada@github.com/contoso/x.git", "ada@github.com"),
            ("jörg@müller.example", "jörg@müller.example"),
            ("wei@163.com", "wei@163.com"),
        ] {
            assert_eq!(seen(text), [mail], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left() {
        for text in [
            "git@github.com:contoso/x.git",
            "ssh://git@ssh.dev.azure.com/v3/contoso",
            "abfss://data@contoso.dfs.core.windows.net/x",
            "numpy@1.26.4",
            "pkg@1.2.3-beta.rc",
            "actions/checkout@v4.1.x",
            "photo@2x.png",
            "x@w.mean(axis=0)",
            "@app.route",
            "ada@localhost",
            "noreply@contoso.com",
            "a@b.c",
        ] {
            assert!(seen(text).is_empty(), "{text}: {:?}", seen(text));
        }
    }

    #[test]
    fn a_guest_has_an_address_at_home() {
        assert_eq!(
            home("sam_r_outlook.example#ext#@contoso.com").as_deref(),
            Some("sam_r@outlook.example")
        );
        assert_eq!(home("sam@contoso.com"), None);
    }
}
