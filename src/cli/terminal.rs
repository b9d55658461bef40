//! What happens as bars, on a terminal. A list has no total that anybody could know, so its bar counts and shows a rate;
//! nothing here needs colour.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lines::{Loudness, words};
use super::screen::{count, safe, size};
use crate::report::{Event, Reporter};

/// Bars, one a kind that is being walked, and one for the whole.
pub(super) struct Terminal {
    loudness: Loudness,
    bars: MultiProgress,
    whole: ProgressBar,
    state: Mutex<State>,
    started: Instant,
}

#[derive(Default)]
struct State {
    kinds: BTreeMap<&'static str, Row>,
    workspace: String,
    requests: u64,
    bytes: u64,
    files: u64,
    gaps: u64,
    wait: Option<(String, Instant)>,
    drawn: Option<Instant>,
}

struct Row {
    bar: ProgressBar,
    open: u64,
    items: u64,
    since: Instant,
}

impl Terminal {
    /// Bars on stderr.
    pub(super) fn new(loudness: Loudness) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        let whole = bars.add(ProgressBar::new_spinner());
        whole.set_style(style("{spinner} {wide_msg}"));
        whole.enable_steady_tick(Duration::from_millis(200));
        Self {
            loudness,
            bars,
            whole,
            state: Mutex::default(),
            started: Instant::now(),
        }
    }

    /// Takes the bars away, for the summary to be read.
    pub(super) fn close(&self) {
        self.whole.finish_and_clear();
        let _ = self.bars.clear();
    }

    /// The row of a kind; kinds that hang on others get theirs with their first item.
    fn row<'s>(&self, state: &'s mut State, kind: &'static str) -> &'s mut Row {
        state.kinds.entry(kind).or_insert_with(|| {
            let bar = self
                .bars
                .insert_before(&self.whole, ProgressBar::new_spinner());
            bar.set_style(style("  {wide_msg}"));
            Row {
                bar,
                open: 0,
                items: 0,
                since: Instant::now(),
            }
        })
    }

    fn draw_whole(&self, state: &mut State, at_once: bool) {
        let now = Instant::now();
        if !at_once
            && state
                .drawn
                .is_some_and(|drawn| now - drawn < Duration::from_millis(100))
        {
            return;
        }
        state.drawn = Some(now);
        let gaps = match state.gaps {
            0 => String::new(),
            1 => ", 1 gap".to_owned(),
            gaps => format!(", {} gaps", count(gaps)),
        };
        let wait = match &state.wait {
            Some((why, until)) if *until > now => format!(
                ": {why}, going on in {} s",
                (*until - now).as_millis().div_ceil(1000)
            ),
            _ => String::new(),
        };
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        self.whole.set_message(format!(
            "{}: {} requests ({:.0}/s), {} files, {}{gaps}, {:.0} s{wait}",
            state.workspace,
            count(state.requests),
            state.requests as f64 / seconds,
            count(state.files),
            size(state.bytes),
            seconds
        ));
    }

    fn draw_row(row: &Row, kind: &str) {
        let seconds = row.since.elapsed().as_secs_f64().max(0.001);
        row.bar.set_message(format!(
            "{kind:<30} {:>12}   {:>8.0}/s",
            count(row.items),
            row.items as f64 / seconds
        ));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars("-\\|/ ")
}

impl Reporter for Terminal {
    fn report(&self, event: &Event) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        match event {
            Event::Workspace { name } => state.workspace = safe(name),
            Event::ListStarted { kind, .. } => {
                let row = self.row(&mut state, kind);
                row.open += 1;
                Self::draw_row(row, kind);
            }
            Event::Items { kind, count, .. } => {
                let row = self.row(&mut state, kind);
                row.items += count;
                if row.items.is_multiple_of(16) || row.items < 16 {
                    Self::draw_row(row, kind);
                }
            }
            Event::ListEnded { kind, .. } => {
                let ended = state.kinds.get_mut(kind).is_some_and(|row| {
                    row.open = row.open.saturating_sub(1);
                    row.open == 0
                });
                if ended && let Some(row) = state.kinds.get(kind) {
                    // A list that came to its end has an honest total, and no rate any more.
                    row.bar
                        .set_message(format!("{kind:<30} {:>12}   all", count(row.items)));
                    row.bar.tick();
                }
            }
            Event::Sent { .. } => {
                state.requests += 1;
                if self.loudness == Loudness::Verbose
                    && let Some(text) = words(event)
                {
                    let _ = self.bars.println(safe(&text));
                }
            }
            Event::Bytes { count } => state.bytes += count,
            Event::FileDone { .. } => state.files += 1,
            Event::Waiting { host, wait, why } => {
                state.wait = Some((
                    format!("{} {}", why.words(), safe(host)),
                    Instant::now() + *wait,
                ));
            }
            Event::Missing(gap) => {
                if gap.severity == crate::report::Severity::Gap {
                    state.gaps += 1;
                }
                if let Some(text) = words(event) {
                    let _ = self.bars.println(safe(&text));
                }
            }
            Event::Said(_) | Event::Interrupted | Event::Generation { .. } => {
                if let Some(text) = words(event) {
                    let _ = self.bars.println(safe(&text));
                }
            }
            Event::PageKept { .. } => {}
        }
        let at_once = !matches!(
            event,
            Event::Sent { .. } | Event::Bytes { .. } | Event::Items { .. } | Event::FileDone { .. }
        );
        self.draw_whole(&mut state, at_once);
    }
}
