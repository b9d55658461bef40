//! Bad weather: throttling, seeded faults and scripted mishaps; and who sets out again before the time that was asked.

mod mishap;
mod quota;

pub(crate) use mishap::{Act, answer, lure, repeat};

use super::ask::{Ask, decode};
use super::errors::{Plane, fault, now};
use super::mint::{http_date, stir};
use super::reply::Reply;
use mishap::{Mishap, mishap_of};
use quota::{Counted, Quota};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A caller cannot know of a refusal that is still on its way.
const GRACE: Duration = Duration::from_millis(30);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    sent: Instant,
    until: Instant,
}

#[derive(Debug, Default)]
struct Sky {
    bucket: Option<Bucket>,
    waits: Vec<Wait>,
}

#[derive(Debug)]
pub(crate) struct Weather {
    throttle: Mutex<Option<f64>>,
    faults: Mutex<f64>,
    /// The rates at first.
    first: (Option<f64>, f64),
    seed: u64,
    draws: AtomicU64,
    refusals: AtomicU64,
    skies: [Mutex<Sky>; 2],
    mishaps: Mutex<Vec<Mishap>>,
    /// What the resource manager still lets its caller ask, where it counts.
    quota: Mutex<Option<Quota>>,
}

fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Weather {
    pub(crate) fn new(throttle: Option<f64>, faults: f64, seed: u64) -> Self {
        Self {
            throttle: Mutex::new(throttle),
            faults: Mutex::new(faults),
            first: (throttle, faults),
            seed,
            draws: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            skies: Default::default(),
            mishaps: Mutex::default(),
            quota: Mutex::default(),
        }
    }

    pub(crate) fn set_throttle(&self, rate: Option<f64>) {
        *open(&self.throttle) = rate;
        for sky in &self.skies {
            *open(sky) = Sky::default();
        }
    }

    /// Whether the resource manager counts requests. Its buckets are full at first.
    pub(crate) fn set_quota(&self, counts: bool) {
        *open(&self.quota) = counts.then(|| Quota::full(Instant::now()));
    }

    /// Counts a request to the resource manager.
    pub(crate) fn counted(&self, ask: &Ask) -> Option<Counted> {
        let mut quota = open(&self.quota);
        Some(quota.as_mut()?.count(ask.method.as_str(), Instant::now()))
    }

    pub(crate) fn set_faults(&self, share: f64) {
        *open(&self.faults) = share;
    }

    /// Forgets waits and mishaps; the rates stay.
    pub(crate) fn clear(&self) {
        open(&self.mishaps).clear();
        for sky in &self.skies {
            open(sky).waits.clear();
        }
    }

    /// Good weather, or what stood for it at first, and the same draws again.
    pub(crate) fn renew(&self) {
        self.clear();
        self.set_throttle(self.first.0);
        self.set_faults(self.first.1);
        self.set_quota(false);
        self.draws.store(0, Ordering::Relaxed);
        self.refusals.store(0, Ordering::Relaxed);
    }

    /// Whether this request came before a time that an earlier answer had asked for.
    pub(crate) fn early(&self, origin: usize, latency: Duration) -> bool {
        let mut sky = open(&self.skies[origin]);
        if sky.waits.is_empty() {
            return false;
        }
        let at = Instant::now();
        sky.waits.retain(|wait| wait.until > at);
        sky.waits
            .iter()
            .any(|wait| at > wait.sent + GRACE + latency)
    }

    /// Remembers what an answer asks of its caller.
    pub(crate) fn asked(&self, origin: usize, reply: &Reply) {
        if !matches!(reply.status, 429 | 503) {
            return;
        }
        let Some(wait) = wait_of(reply) else { return };
        let sent = Instant::now();
        open(&self.skies[origin]).waits.push(Wait {
            sent,
            until: sent
                .checked_add(wait)
                .unwrap_or(sent + Duration::from_secs(1 << 30)),
        });
    }

    pub(crate) fn throttled(&self, origin: usize, plane: Plane) -> Option<Reply> {
        let rate = (*open(&self.throttle))?;
        let burst = (rate / 10.0).max(2.0);
        let mut sky = open(&self.skies[origin]);
        let at = Instant::now();
        let bucket = sky.bucket.get_or_insert(Bucket {
            tokens: burst,
            filled: at,
        });
        bucket.tokens =
            (bucket.tokens + at.duration_since(bucket.filled).as_secs_f64() * rate).min(burst);
        bucket.filled = at;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return None;
        }
        drop(sky);
        let turn = self.refusals.fetch_add(1, Ordering::Relaxed);
        let (code, message) = match plane {
            Plane::Arm => (
                "TooManyRequests",
                "The request is being throttled as the limit has been reached.",
            ),
            Plane::Blob => ("ServerBusy", "The server is busy."),
            Plane::Graph => ("TooManyRequests", "Too many requests."),
            _ => (
                "RequestThrottled",
                "Request was throttled. Please try again later.",
            ),
        };
        Some(ask_to_wait(
            fault(plane, 429, code, message),
            turn,
            self.seed,
        ))
    }

    /// A fault drawn by lot, or nothing.
    pub(crate) fn drawn(&self, ask: &Ask, plane: Plane) -> Option<Act> {
        let share = *open(&self.faults);
        if share <= 0.0 || ask.is("DELETE") || ask.path.ends_with(":delete") {
            return None;
        }
        let draw = stir(self.seed ^ stir(self.draws.fetch_add(1, Ordering::Relaxed)));
        if (draw >> 11) as f64 / (1_u64 << 53) as f64 >= share {
            return None;
        }
        let answer = |status: u16, headers: &[(&str, &str)], body: String| Act::Answer {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body,
        };
        let html = "<html><head><title>503 Service Temporarily Unavailable</title></head><body>nginx</body></html>";
        Some(match stir(draw) % 7 {
            0 => {
                let reply = fault(plane, 500, "InternalServerError", "Internal error.");
                let body = match reply.payload {
                    super::reply::Payload::Whole(bytes) => {
                        String::from_utf8_lossy(&bytes).into_owned()
                    }
                    _ => String::new(),
                };
                answer(500, &[("content-type", "application/json")], body)
            }
            1 => answer(503, &[("content-type", "text/html")], html.to_owned()),
            2 => answer(
                503,
                &[("content-type", "text/html"), ("x-ms-retry-after-ms", "80")],
                html.to_owned(),
            ),
            3 => answer(530, &[], String::new()),
            4 => answer(408, &[], String::new()),
            5 => Act::Close,
            _ => Act::Truncate(usize::MAX),
        })
    }

    pub(crate) fn mishap(&self, ask: &Ask) -> Option<Act> {
        let mut mishaps = open(&self.mishaps);
        if mishaps.is_empty() {
            return None;
        }
        let raw = format!("{}?{}", ask.path, ask.raw_query);
        let plain = decode(&raw);
        for mishap in mishaps.iter_mut() {
            let meant = (raw.contains(&mishap.path_contains)
                || plain.contains(&mishap.path_contains))
                && mishap
                    .method
                    .as_deref()
                    .is_none_or(|method| ask.method.as_str().eq_ignore_ascii_case(method));
            if !meant || mishap.times == 0 {
                continue;
            }
            if mishap.after > 0 {
                mishap.after -= 1;
                continue;
            }
            mishap.times -= 1;
            return Some(mishap.act.clone());
        }
        None
    }

    /// Adds scripted mishaps; says how many were understood.
    pub(crate) fn script(&self, wanted: &Value) -> usize {
        let one = [wanted.clone()];
        let list = wanted.as_array().map_or(&one[..], Vec::as_slice);
        let read: Vec<Mishap> = list.iter().filter_map(mishap_of).collect();
        let count = read.len();
        open(&self.mishaps).extend(read);
        count
    }
}

/// The forms in which servers ask for patience take turns; one of them is silence.
fn ask_to_wait(reply: Reply, turn: u64, seed: u64) -> Reply {
    let ms = 50 + stir(seed ^ turn) % 351;
    match turn % 12 {
        5 => reply,
        8 => reply.with("retry-after", "1"),
        10 => reply.with("retry-after", http_date(now() + 1)),
        even if even % 2 == 0 => reply.with("x-ms-retry-after-ms", ms.to_string()),
        _ => reply.with("retry-after-ms", ms.to_string()),
    }
}

/// How long an answer asks to wait: the longest of what its headers say.
fn wait_of(reply: &Reply) -> Option<Duration> {
    let ms = ["x-ms-retry-after-ms", "retry-after-ms"]
        .iter()
        .filter_map(|name| {
            reply
                .header(name)?
                .trim()
                .parse()
                .ok()
                .map(Duration::from_millis)
        })
        .max();
    let seconds = reply.header("retry-after").and_then(|text| {
        if let Ok(seconds) = text.trim().parse() {
            return Some(Duration::from_secs(seconds));
        }
        let at = time::PrimitiveDateTime::parse(
            text.trim().trim_end_matches(" GMT"),
            &time::macros::format_description!(
                "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second]"
            ),
        );
        let left = at.ok()?.assume_utc() - time::OffsetDateTime::now_utc();
        Duration::try_from(left).ok()
    });
    ms.max(seconds)
}
