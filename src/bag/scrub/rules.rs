//! Which places of a document hold secrets, as paths; compiled once a kind, followed key by key.

/// What happens to the value a rule points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The whole value becomes `"[redacted]"`. What holds nothing (null, "", an empty GUID, true, false, an empty
    /// container) is left, since that the field is empty is worth knowing.
    Blank,
    /// The value is a URL: what follows its `?` goes.
    Query,
}

/// One secret place.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Keys between slashes, whatever their case; `*` is any one key or array element, `**` any number of them.
    pub path: &'static str,
    pub how: How,
}

/// The rules of one kind, ready to follow.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    path: &'static str,
    how: How,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(&'static str),
    Any,
    Deep,
}

/// A rule, and how many of its steps are behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    rule: u16,
    step: u16,
}

/// What the walk goes down through.
#[derive(Clone, Copy)]
pub(super) enum Down<'a> {
    Key(&'a [u8]),
    Element,
}

/// A rule that has arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) path: &'static str,
    pub(super) how: How,
}

impl Rules {
    pub fn new(rules: &[Rule]) -> Self {
        let compile = |rule: &Rule| Compiled {
            path: rule.path,
            how: rule.how,
            steps: rule
                .path
                .split('/')
                .map(|step| match step {
                    "*" => Step::Any,
                    "**" => Step::Deep,
                    key => Step::Key(key),
                })
                .collect(),
        };
        Self {
            rules: rules
                .iter()
                .take(usize::from(u16::MAX))
                .map(compile)
                .collect(),
        }
    }

    pub(super) fn start(&self, states: &mut Vec<State>) {
        states.extend((0..self.rules.len()).filter_map(|rule| {
            Some(State {
                rule: u16::try_from(rule).ok()?,
                step: 0,
            })
        }));
    }

    /// Goes one level down: appends the states of the child to `states`, whose range `from` are the parent's.
    pub(super) fn down(
        &self,
        states: &mut Vec<State>,
        from: std::ops::Range<usize>,
        by: Down<'_>,
    ) -> Option<Hit> {
        let start = states.len();
        let mut hit = None;
        for at in from {
            self.advance(states, start, states[at], by, &mut hit);
        }
        hit
    }

    fn advance(
        &self,
        states: &mut Vec<State>,
        start: usize,
        state: State,
        by: Down<'_>,
        hit: &mut Option<Hit>,
    ) {
        let rule = &self.rules[usize::from(state.rule)];
        let next = State {
            rule: state.rule,
            step: state.step + 1,
        };
        let arrives = usize::from(next.step) == rule.steps.len();
        match &rule.steps[usize::from(state.step)] {
            Step::Deep => {
                add(states, start, state);
                if arrives {
                    arrive(hit, rule);
                } else {
                    self.advance(states, start, next, by, hit);
                }
                return;
            }
            Step::Any => {}
            Step::Key(wanted) => match by {
                Down::Key(key) if key.eq_ignore_ascii_case(wanted.as_bytes()) => {}
                _ => return,
            },
        }
        if arrives {
            arrive(hit, rule);
        } else {
            add(states, start, next);
        }
    }
}

fn add(states: &mut Vec<State>, start: usize, state: State) {
    if !states[start..].contains(&state) {
        states.push(state);
    }
}

/// Blanking takes everything, so it wins over taking a part.
fn arrive(hit: &mut Option<Hit>, rule: &Compiled) {
    if hit.is_none_or(|known| known.how == How::Query && rule.how == How::Blank) {
        *hit = Some(Hit {
            path: rule.path,
            how: rule.how,
        });
    }
}
