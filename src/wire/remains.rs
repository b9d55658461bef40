//! Whether there are still bytes behind a link: one byte is asked for, without our token, and thrown away.

use url::Url;

use super::brake::Class;
use super::call::{Audience, Call, Pass, Take, Taken, Verb, host_of, is_loopback};
use super::secret::Secret;
use super::{Fault, Wire};

/// Looks. `Ok(false)`: the storage says that there is nothing. Anything but a clear answer is an error.
pub async fn remains(wire: &Wire, link: &Secret) -> Result<bool, Fault> {
    let url = Url::parse(link.expose()).map_err(|_| Fault::Malformed {
        host: "storage".to_owned(),
        path: "a link".to_owned(),
        what: "it is not an address".to_owned(),
        request_id: None,
    })?;
    let (host, path) = (host_of(&url), url.path().to_owned());
    let right = if wire.cloud.loopback {
        is_loopback(&url)
    } else {
        url.scheme() == "https" && !is_loopback(&url)
    };
    if !right {
        return Err(Fault::Foreign { host, path });
    }
    let call = Call {
        verb: Verb::Get,
        pass: Pass::Read,
        url,
        body: None,
        headers: vec![
            ("x-ms-version", "2021-12-02".to_owned()),
            ("range", "bytes=0-0".to_owned()),
        ],
        token: false,
        audience: Audience::Azure,
        class: Class::Bytes,
    };
    match wire.exchange(call, &mut Glance).await {
        Ok(()) => Ok(true),
        Err(Fault::Absent {
            status: 404 | 410, ..
        }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Where it points, without the signature: this may be written down.
pub fn place(link: &Secret) -> Option<String> {
    let url = Url::parse(link.expose()).ok()?;
    Some(format!("{}{}", host_of(&url), url.path()))
}

struct Glance;

#[async_trait::async_trait]
impl Take for Glance {
    type Out = ();

    /// An empty file has no first byte, and is there.
    fn takes(&self, status: u16) -> bool {
        status == 416
    }

    async fn take(&mut self, _: reqwest::Response) -> Result<(), Taken> {
        Ok(())
    }
}
