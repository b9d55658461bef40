//! Bytes behind a link. The link is a secret: it is fetched without our token, never printed and never written.

use std::io;

use url::Url;

use super::brake::Class;
use super::call::{Audience, Call, Pass, Take, Taken, Verb, host_of, is_loopback};
use super::secret::Secret;
use super::{Fault, Wire};
use crate::report::Event;

/// From this length on, in bytes, a download is gone on with after an interruption.
const RESUMED: u64 = 256 << 10;

/// Where bytes go: a file that is not yet whole.
pub trait Slot: Send {
    /// Bytes that are already there.
    fn have(&self) -> u64;
    /// What the service called the version that they are of.
    fn etag(&self) -> Option<String>;
    /// Begins anew (`from` is 0) or goes on at `from`, which is what [`Slot::have`] said.
    fn begin(&mut self, from: u64, etag: Option<&str>) -> io::Result<()>;
    /// Takes the next bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Fetches the bytes behind a link into a slot, going on where an earlier try stopped if the source is still the same.
///
/// Errors: [`Fault::Denied`] when the link has expired or a firewall stands before the storage, [`Fault::Absent`] when the
/// blob is gone, [`Fault::TooLarge`] beyond `max` bytes.
pub async fn download(
    wire: &Wire,
    link: &Secret,
    slot: &mut dyn Slot,
    max: Option<u64>,
) -> Result<u64, Fault> {
    let url = Url::parse(link.expose()).map_err(|_| Fault::Malformed {
        host: "storage".to_owned(),
        path: "a link".to_owned(),
        what: "it is not an address".to_owned(),
        request_id: None,
    })?;
    let (host, path) = (host_of(&url), url.path().to_owned());
    let loopback = is_loopback(&url);
    if if wire.cloud.loopback {
        !loopback
    } else {
        loopback || url.scheme() != "https"
    } {
        return Err(Fault::Foreign { host, path });
    }
    let call = Call {
        verb: Verb::Get,
        pass: Pass::Read,
        url,
        body: None,
        headers: vec![("x-ms-version", "2021-12-02".to_owned())],
        token: false,
        audience: Audience::Azure,
        class: Class::Bytes,
    };
    let mut taker = Stream {
        wire,
        slot,
        host,
        path,
        max,
    };
    wire.exchange(call, &mut taker).await
}

struct Stream<'a> {
    wire: &'a Wire,
    slot: &'a mut dyn Slot,
    host: String,
    path: String,
    max: Option<u64>,
}

impl Stream<'_> {
    /// The slot's own sentence says which file it is and what to do next.
    fn disk(source: io::Error) -> Taken {
        Taken::Final(Fault::Disk { source })
    }

    fn malformed(&self, what: &str) -> Taken {
        Taken::Final(Fault::Malformed {
            host: self.host.clone(),
            path: self.path.clone(),
            what: what.to_owned(),
            request_id: None,
        })
    }

    fn too_large(&self, limit: u64) -> Taken {
        Taken::Final(Fault::TooLarge {
            host: self.host.clone(),
            path: self.path.clone(),
            limit,
        })
    }
}

#[async_trait::async_trait]
impl Take for Stream<'_> {
    type Out = u64;

    fn headers(&mut self) -> Vec<(&'static str, String)> {
        match (self.slot.have(), self.slot.etag()) {
            // Without the version's name nobody can say whether the rest belongs to the beginning.
            (have, Some(etag)) if have > 0 => {
                vec![("range", format!("bytes={have}-")), ("if-match", etag)]
            }
            _ => Vec::new(),
        }
    }

    fn progress(&self) -> u64 {
        self.slot.have()
    }

    fn takes(&self, status: u16) -> bool {
        // The source changed, or the range is empty because everything is there.
        matches!(status, 412 | 416) && self.slot.have() > 0
    }

    async fn take(&mut self, mut response: reqwest::Response) -> Result<u64, Taken> {
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let etag = header("etag");
        let have = self.slot.have();
        let total =
            header("content-range").and_then(|range| range.rsplit('/').next()?.parse::<u64>().ok());
        match response.status().as_u16() {
            416 if total == Some(have) => {
                // Everything is there. It still has to be taken up, since its digest is not known yet.
                self.slot.begin(have, etag.as_deref()).map_err(Self::disk)?;
                return Ok(have);
            }
            412 | 416 => {
                self.slot.begin(0, None).map_err(Self::disk)?;
                return Err(Taken::Cut);
            }
            206 => {
                let from = header("content-range").and_then(|range| {
                    range
                        .strip_prefix("bytes ")?
                        .split('-')
                        .next()?
                        .parse::<u64>()
                        .ok()
                });
                if from != Some(have) {
                    self.slot.begin(0, None).map_err(Self::disk)?;
                    return Err(Taken::Cut);
                }
                self.slot.begin(have, etag.as_deref()).map_err(Self::disk)?;
            }
            // A small file is fetched again as a whole sooner than its version is written down.
            200 if response
                .content_length()
                .is_some_and(|length| length < RESUMED) =>
            {
                self.slot.begin(0, None).map_err(Self::disk)?;
            }
            200 => self.slot.begin(0, etag.as_deref()).map_err(Self::disk)?,
            _ => return Err(self.malformed("neither a whole file nor the rest of one came")),
        }
        let start = self.slot.have();
        let whole = response.content_length().map(|length| start + length);
        if let Some(max) = self.max
            && whole.or(total).is_some_and(|whole| whole > max)
        {
            return Err(self.too_large(max));
        }
        loop {
            let chunk = tokio::select! {
                chunk = response.chunk() => chunk.map_err(|_| Taken::Cut)?,
                () = self.wire.stop.cancelled() => return Err(Taken::Final(Fault::Interrupted)),
            };
            let Some(chunk) = chunk else { break };
            if let Some(max) = self.max
                && self.slot.have() + chunk.len() as u64 > max
            {
                return Err(self.too_large(max));
            }
            self.slot.write(&chunk).map_err(Self::disk)?;
            self.wire.reporter.report(&Event::Bytes {
                count: chunk.len() as u64,
            });
        }
        let have = self.slot.have();
        // A part of the rest is not the whole: the range says how long that is.
        if whole.is_some_and(|whole| whole != have) || total.is_some_and(|total| total != have) {
            return Err(Taken::Cut);
        }
        Ok(have)
    }
}
