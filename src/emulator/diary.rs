//! What was asked: counts for ever, lines for the last hundred thousand requests.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

const KEPT: usize = 100_000;

#[derive(Debug)]
struct Line {
    ms: u64,
    method: &'static str,
    path: String,
    status: u16,
    early: bool,
}

#[derive(Debug, Default)]
struct Pages {
    total: u64,
    early: u64,
    by_status: BTreeMap<u16, u64>,
    by_route: BTreeMap<String, u64>,
    log: VecDeque<Line>,
}

#[derive(Debug)]
pub(crate) struct Diary {
    since: Instant,
    pages: Mutex<Pages>,
}

impl Default for Diary {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            pages: Mutex::default(),
        }
    }
}

impl Diary {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A status of 0 stands for an answer that never came.
    pub(crate) fn write(
        &self,
        method: &'static str,
        path: &str,
        query: &str,
        status: u16,
        early: bool,
    ) {
        let route = label(method, path);
        let line = address(path, query);
        let ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut pages = self.pages();
        pages.total += 1;
        pages.early += u64::from(early);
        *pages.by_status.entry(status).or_default() += 1;
        if let Some(count) = pages.by_route.get_mut(&route) {
            *count += 1;
        } else {
            pages.by_route.insert(route, 1);
        }
        if pages.log.len() >= KEPT {
            pages.log.pop_front();
        }
        pages.log.push_back(Line {
            ms,
            method,
            path: line,
            status,
            early,
        });
    }

    pub(crate) fn read(&self) -> Value {
        let pages = self.pages();
        let by_status: Map<String, Value> = pages
            .by_status
            .iter()
            .map(|(status, count)| (status.to_string(), json!(count)))
            .collect();
        let log: Vec<Value> = pages
            .log
            .iter()
            .map(|line| {
                json!({"ms": line.ms, "method": line.method, "path": line.path, "status": line.status, "early": line.early})
            })
            .collect();
        json!({
            "total": pages.total,
            "early": pages.early,
            "by_status": by_status,
            "by_route": pages.by_route,
            "log": log,
        })
    }

    pub(crate) fn forget(&self) {
        *self.pages() = Pages::default();
    }
}

/// A path with its query, as it may be written down.
pub(crate) fn address(path: &str, query: &str) -> String {
    let mut line = String::with_capacity(path.len() + query.len() + 1);
    line.push_str(path);
    if !query.is_empty() {
        line.push('?');
        line.push_str(&without_signature(query));
    }
    line
}

fn without_signature(query: &str) -> String {
    if !query.contains("sig=") {
        return query.to_owned();
    }
    query
        .split('&')
        .map(|pair| {
            if pair.starts_with("sig=") {
                "sig="
            } else {
                pair
            }
        })
        .collect::<Vec<_>>()
        .join("&")
}

/// The words of the routes. Any other segment is a name or an id and becomes a star.
const WORDS: [&str; 100] = [
    "subscriptions",
    "resourcegroups",
    "providers",
    "microsoft.machinelearningservices",
    "microsoft.authorization",
    "workspaces",
    "registries",
    "computes",
    "jobs",
    "locks",
    "roleassignments",
    "locations",
    "discovery",
    "metadata",
    "endpoints",
    "history",
    "artifact",
    "metric",
    "datastore",
    "dataset",
    "environment",
    "notification",
    "modelmanagement",
    "api",
    "pipelines",
    "rp",
    "execution",
    "content",
    "private",
    "v1.0",
    "v2.0",
    "v1.2",
    "experiments",
    "experiments:query",
    "experimentids",
    "runs",
    "runs:query",
    "metrics",
    "metrics:query",
    "details",
    "children",
    "runids",
    "rundata",
    "batchrundata",
    "artifacts",
    "contentinfo",
    "prefix",
    "batch",
    "metadata:delete",
    "origins",
    "containers",
    "experimentrun",
    "localupload",
    "list",
    "full",
    "sample",
    "deletemetrics",
    "datastores",
    "default",
    "datasets",
    "query",
    "definitions",
    "environments",
    "versions",
    "tasks",
    "models",
    "assets",
    "images",
    "profiles",
    "services",
    "operations",
    "graphs",
    "interface",
    "modules",
    "templates",
    "datasources",
    "publishedpipelines",
    "pipelineendpoints",
    "schedules",
    "pipelineruns",
    "pipeline",
    "schedule",
    "pipelinedrafts",
    "graphdrafts",
    "status",
    "computeoperationresults",
    "computeoperationsstatus",
    "workspaceoperationresults",
    "mfeoperationresults",
    "azureml",
    "tenants",
    "runcounts",
    "path",
    "view",
    "storageuri",
    "write",
    "credential",
    "snapshots",
    "sas",
    "zip",
];

fn label(method: &str, path: &str) -> String {
    let mut out = String::with_capacity(96);
    out.push_str(method);
    out.push(' ');
    let mut starred = false;
    for segment in path.split('/').skip(1) {
        let known = WORDS.iter().find(|word| word.eq_ignore_ascii_case(segment));
        match known {
            // The long prefix says nothing: the words that tell services apart remain.
            Some(
                &("subscriptions"
                | "resourcegroups"
                | "providers"
                | "microsoft.machinelearningservices"),
            ) => {
                starred = true;
            }
            Some(word) => {
                out.push('/');
                out.push_str(word);
                starred = false;
            }
            None if starred => {}
            None => {
                out.push_str("/*");
                starred = true;
            }
        }
    }
    out
}
