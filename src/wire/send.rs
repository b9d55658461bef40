//! The one function that sends.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::access::{AccessError, Tokens};
use super::allow::AllowList;
use super::answer::{Document, Failure, describe, read_some, request_id};
use super::brake::{Brakes, Class, Gate};
use super::call::{
    Answer, Audience, Call, Change, Pass, Settings, Take, Taken, Verb, host_of, is_loopback,
};
use super::cloud::Cloud;
use super::fault::{Fault, explain};
use super::pace;
use super::verdict::{Outcome, Verdict, of_host, verdict};
use super::waits;
use crate::report::{Event, Reporter, Why};

/// The room's only door to the network.
pub struct Wire {
    documents: reqwest::Client,
    pub(super) bytes: reqwest::Client,
    pub cloud: Cloud,
    tokens: Arc<dyn Tokens>,
    /// Hosts, with port, of discovery answers.
    trusted: Mutex<HashSet<String>>,
    /// Hosts that refused ARM's audience and took Azure ML's.
    ml_hosts: Mutex<HashSet<String>>,
    allow: AllowList,
    graph: AllowList,
    brakes: Brakes,
    pub reporter: Arc<dyn Reporter>,
    pub stop: CancellationToken,
    pub settings: Settings,
}

impl Wire {
    /// Makes the clients. They follow no redirects; the one for bytes unpacks nothing, so that lengths and digests are the
    /// stored ones.
    pub fn new(
        cloud: Cloud,
        tokens: Arc<dyn Tokens>,
        reporter: Arc<dyn Reporter>,
        stop: CancellationToken,
        settings: Settings,
    ) -> Result<Self, Fault> {
        let client = |documents: bool| {
            let mut builder = reqwest::Client::builder()
                .user_agent(concat!("aml-dsr/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_secs(15))
                .read_timeout(Duration::from_secs(90))
                .pool_idle_timeout(Duration::from_secs(55))
                .redirect(reqwest::redirect::Policy::none())
                .tcp_nodelay(true);
            if cloud.loopback {
                builder = builder.no_proxy();
            }
            if !documents {
                builder = builder.no_gzip().no_brotli().no_deflate().no_zstd();
            }
            builder.build().map_err(|error| Fault::Client {
                what: error.without_url().to_string(),
            })
        };
        let graph = AllowList::of_graph(cloud.graph.as_ref());
        Ok(Self {
            graph,
            documents: client(true)?,
            bytes: client(false)?,
            cloud,
            tokens,
            trusted: Mutex::new(HashSet::new()),
            ml_hosts: Mutex::new(HashSet::new()),
            allow: AllowList::of_catalogue(),
            brakes: Brakes::new(settings.concurrency),
            reporter,
            stop,
            settings,
        })
    }

    /// A wire of its own beside this one, to the same cloud and with the same sign-in, that can be stopped by itself.
    pub fn beside(
        &self,
        reporter: Arc<dyn Reporter>,
        stop: CancellationToken,
    ) -> Result<Self, Fault> {
        Self::new(
            self.cloud.clone(),
            Arc::clone(&self.tokens),
            reporter,
            stop,
            self.settings.clone(),
        )
    }

    /// Which credential served, once one has.
    pub fn served_by(&self) -> Option<String> {
        self.tokens.served_by()
    }

    /// Lets tokens go to a host of a discovery answer.
    pub(super) fn trust(&self, url: &Url) {
        self.trusted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(host_of(url));
    }

    /// Makes sure that somebody is signed in to Azure. Done before anything else is asked for a token, it settles which
    /// credential serves, so that a directory that refuses one cannot lead to another identity.
    pub(super) async fn sign_in(&self) -> Result<(), Fault> {
        self.tokens.token(&self.cloud.arm_scope(), false).await?;
        Ok(())
    }

    /// Whether a token of this audience may go there.
    fn may_carry_token(&self, url: &Url, audience: Audience) -> bool {
        if audience == Audience::Graph {
            return self.cloud.is_graph(url);
        }
        let plain = url.username().is_empty() && url.password().is_none();
        let safe = url.scheme() == "https" || (self.cloud.loopback && is_loopback(url));
        plain
            && safe
            && !self.cloud.is_graph(url)
            && (self.cloud.allows(url)
                || self
                    .trusted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .contains(&host_of(url)))
    }

    /// Whether a data-plane host has taken tokens for Azure ML only.
    fn signs_for_ml(&self, host: &str) -> bool {
        self.ml_hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(host)
    }

    /// Both audiences are in use for the data plane; ARM knows its own only.
    fn speaks_ml(&self, call: &Call) -> bool {
        call.audience == Audience::Azure
            && self.cloud.ml_scope().is_some()
            && call.url.host_str() != self.cloud.arm.host_str()
    }

    /// Sends a request for a document and reads the answer, within the bounds of time, tries and size.
    pub async fn send(&self, call: Call) -> Result<Answer, Fault> {
        let (host, path) = call.place();
        let limit = self.settings.body_limit;
        self.exchange(
            call,
            &mut Document {
                host,
                path,
                limit,
                timeout: self.settings.attempt,
            },
        )
        .await
    }

    /// The loop of tries. Everything that is sent is sent here.
    pub(super) async fn exchange<T: Take>(
        &self,
        call: Call,
        taker: &mut T,
    ) -> Result<T::Out, Fault> {
        let (host, path) = call.place();
        if call.token {
            if !self.may_carry_token(&call.url, call.audience) {
                return Err(Fault::Foreign { host, path });
            }
            let allow = match call.audience {
                Audience::Azure => &self.allow,
                Audience::Graph => &self.graph,
            };
            if call.pass == Pass::Read && !allow.reads(call.verb, &call.url) {
                return Err(Fault::NotAllowed { host, path });
            }
        }
        let gate = self.brakes.gate(&host, call.class);
        let client = if call.class == Class::Bytes {
            &self.bytes
        } else {
            &self.documents
        };
        let client_request_id = azure_core::Uuid::new_v4().to_string();
        let mut started = None;
        let mut tries = 0;
        let mut reached = taker.progress();
        let mut denied: Option<Fault> = None;
        let mut sign = Sign {
            ml: call.audience == Audience::Azure && self.signs_for_ml(&host),
            ..Sign::default()
        };
        loop {
            tries += 1;
            let Some(permit) = gate.enter(&self.stop).await else {
                return Err(Fault::Interrupted);
            };
            if self.stop.is_cancelled() {
                return Err(Fault::Interrupted);
            }
            let ready = self
                .request(
                    client,
                    &call,
                    taker.headers(),
                    &client_request_id,
                    &mut sign,
                )
                .await;
            let request = match (ready, denied.take()) {
                (Ok(request), _) => request,
                (Err(_), _) if self.stop.is_cancelled() => return Err(Fault::Interrupted),
                // One service refuses a ready token that others take: that is its own matter, and no end of everything.
                (Err(Fault::SignIn(AccessError::GivenTokenRefused)), Some(denied))
                    if self.speaks_ml(&call) =>
                {
                    return Err(denied);
                }
                (Err(fault), _) => return Err(fault),
            };
            // While the request was made ready, an answer to another one may have closed the gate.
            if gate.is_closed() {
                drop(permit);
                tries -= 1;
                continue;
            }
            let sent = Instant::now();
            // Time at the gate is not this request's own: a crowd must not use up its budget before it was ever sent.
            let since = *started.get_or_insert(sent);
            let answered = request.send().await;
            let (outcome, failure) = match answered {
                Err(error) => {
                    let error = error.without_url();
                    self.said_sent(&call, &host, &path, None, None, sent);
                    let outcome = if error.is_connect() {
                        Outcome::NeverSent
                    } else if error.is_timeout() {
                        Outcome::TimedOut
                    } else {
                        Outcome::Cut
                    };
                    (
                        outcome,
                        Failure {
                            status: None,
                            code: None,
                            message: describe(&error),
                            request_id: None,
                        },
                    )
                }
                Ok(response) => {
                    let status = response.status().as_u16();
                    let asked = waits::asked(response.headers(), OffsetDateTime::now_utc());
                    let request_id = request_id(response.headers());
                    self.said_sent(&call, &host, &path, Some(status), request_id.clone(), sent);
                    if let Some(wait) = gate.hear(pace::left(response.headers())) {
                        self.reporter.report(&Event::Waiting {
                            host: host.clone(),
                            wait,
                            why: Why::NearLimit,
                        });
                    }
                    if (200..300).contains(&status) || taker.takes(status) {
                        match taker.take(response).await {
                            Ok(out) => {
                                gate.good();
                                if sign.ml {
                                    self.ml_hosts
                                        .lock()
                                        .unwrap_or_else(PoisonError::into_inner)
                                        .insert(host);
                                }
                                return Ok(out);
                            }
                            Err(Taken::Final(fault)) => return Err(fault),
                            Err(Taken::Cut) => {
                                let message =
                                    "the connection broke before the answer was whole".to_owned();
                                (
                                    Outcome::Cut,
                                    Failure {
                                        status: None,
                                        code: None,
                                        message,
                                        request_id,
                                    },
                                )
                            }
                        }
                    } else {
                        // Everybody stops now, not when the rest of this answer has been read.
                        if let (Verdict::Again { why, host: true }, Some(wait)) =
                            (verdict(Outcome::Answered { status, asked }, true), asked)
                        {
                            // Who asks for more than anybody would wait is not waited for, by nobody.
                            if wait <= self.settings.budget {
                                self.pause(&gate, &host, wait, why);
                            }
                        }
                        let reading = read_some(response, 64 << 10);
                        let body = tokio::time::timeout(self.settings.attempt, reading)
                            .await
                            .unwrap_or_default();
                        let (code, message) = explain(&body);
                        (
                            Outcome::Answered { status, asked },
                            Failure {
                                status: Some(status),
                                code,
                                message,
                                request_id,
                            },
                        )
                    }
                }
            };
            drop(permit);
            if outcome == Outcome::Cut && taker.progress() >= reached + PROGRESS {
                // It goes on well, only not in one piece: what is left gets time and tries of its own.
                reached = taker.progress();
                (started, tries) = (None, 1);
            }
            let asked = if let Outcome::Answered { asked, .. } = outcome {
                asked
            } else {
                None
            };
            match verdict(outcome, call.is_repeatable()) {
                Verdict::Take | Verdict::GiveUp => {
                    gate.alive();
                    return Err(failure.into_fault(host, path, tries));
                }
                Verdict::NewToken if call.token && !sign.renewed => {
                    (sign.renewed, sign.fresh) = (true, true);
                    denied = Some(failure.into_fault(host.clone(), path.clone(), tries));
                }
                Verdict::NewToken if call.token && !sign.ml && self.speaks_ml(&call) => {
                    sign.ml = true;
                }
                Verdict::NewToken => return Err(failure.into_fault(host, path, tries)),
                Verdict::Again { why, host: pauses } => {
                    let own = waits::backoff(
                        tries,
                        self.settings.backoff,
                        self.settings.backoff_cap,
                        fastrand::f64(),
                    );
                    let Some(wait) = waits::next_wait(
                        tries,
                        self.settings.tries,
                        since.elapsed(),
                        self.settings.budget,
                        own,
                        asked,
                    ) else {
                        if !of_host(failure.status) {
                            gate.alive();
                        } else if call.token && gate.given_up() {
                            return Err(Fault::Down {
                                host,
                                what: failure.message,
                            });
                        }
                        return Err(match asked {
                            Some(wait) if tries < self.settings.tries => Fault::Throttled {
                                host,
                                path,
                                wait,
                                request_id: failure.request_id,
                            },
                            _ => failure.into_fault(host, path, tries),
                        });
                    };
                    match (pauses, asked) {
                        // It was said when the answer began.
                        (true, Some(_)) => {}
                        (true, None) => self.pause(&gate, &host, wait, why),
                        (false, _) => self.reporter.report(&Event::Waiting {
                            host: host.clone(),
                            wait,
                            why,
                        }),
                    }
                    self.wait(wait).await?;
                }
            }
        }
    }

    /// Has everybody who talks to the host wait. The person sees it, once.
    fn pause(&self, gate: &Gate, host: &str, wait: Duration, why: Why) {
        if gate.pause(wait) {
            self.reporter.report(&Event::Waiting {
                host: host.to_owned(),
                wait,
                why,
            });
        }
    }

    /// Waits, for this request alone.
    pub(super) async fn wait(&self, wait: Duration) -> Result<(), Fault> {
        // A little more than was asked, so that clocks that differ do not make us early.
        let wait = wait + Duration::from_millis(5);
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.stop.cancelled() => Err(Fault::Interrupted),
        }
    }

    async fn request(
        &self,
        client: &reqwest::Client,
        call: &Call,
        more: Vec<(&'static str, String)>,
        client_request_id: &str,
        sign: &mut Sign,
    ) -> Result<reqwest::RequestBuilder, Fault> {
        let method = match (call.pass, call.verb) {
            (Pass::Change(Change::Delete), _) => reqwest::Method::DELETE,
            (Pass::Change(Change::Put), _) => reqwest::Method::PUT,
            (Pass::Change(Change::Post), _) | (_, Verb::Query) => reqwest::Method::POST,
            (_, Verb::Get) => reqwest::Method::GET,
        };
        let mut request = client
            .request(method, call.url.clone())
            .header("x-ms-client-request-id", client_request_id);
        if call.class != Class::Bytes {
            request = request
                .timeout(self.settings.attempt)
                .header("Accept-Language", "en-US")
                .header("Accept", "application/json");
        }
        for (name, value) in call.headers.iter().chain(&more) {
            request = request.header(HeaderName::from_static(name), value);
        }
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json; charset=utf-8")
                .body(body.clone());
        }
        if call.token {
            let scope = match call.audience {
                Audience::Graph => self.cloud.graph_scope(),
                Audience::Azure if sign.ml => self.cloud.ml_scope(),
                Audience::Azure => None,
            }
            .unwrap_or_else(|| self.cloud.arm_scope());
            let token = self
                .tokens
                .token(&scope, std::mem::take(&mut sign.fresh))
                .await?;
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.secret.expose()))
                .map_err(|_| Fault::Client {
                    what: "the token holds characters that no header may have".to_owned(),
                })?;
            value.set_sensitive(true);
            request = request
                .header(AUTHORIZATION, value)
                .header("x-ms-return-client-request-id", "true");
        }
        Ok(request)
    }

    fn said_sent(
        &self,
        call: &Call,
        host: &str,
        path: &str,
        status: Option<u16>,
        request_id: Option<String>,
        sent: Instant,
    ) {
        self.reporter.report(&Event::Sent {
            host: host.to_owned(),
            method: call.method(),
            path: path.to_owned(),
            status,
            request_id,
            took: sent.elapsed(),
        });
    }
}

/// Bytes that count as progress of a download.
const PROGRESS: u64 = 1 << 20;

/// With which token the next try is signed.
#[derive(Default)]
struct Sign {
    /// For Azure ML's audience in place of ARM's.
    ml: bool,
    /// A new token was asked for once.
    renewed: bool,
    /// The next token must be a new one.
    fresh: bool,
}
