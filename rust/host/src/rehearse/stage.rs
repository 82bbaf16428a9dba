//! Runs steps one after the other, times them, tells of them, and keeps how they ended.

use std::time::Instant;

use super::report::{Outcome, Progress, Step};
use crate::system::Fault;

/// What a step comes to: a value for the steps after it, and what was seen.
pub(super) type Seen<T> = Result<(T, Outcome), Fault>;

/// A step that did what it was to.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the end of a step, as `failed` is"
)]
pub(super) fn passed<T>(value: T, detail: impl Into<String>) -> Seen<T> {
    Ok((value, Outcome::Passed(detail.into())))
}

/// A step that ended without doing what it was to, without a fault of the machine.
pub(super) fn failed<T>(because: impl Into<String>) -> Seen<T> {
    Err(Fault::Unexpected(because.into()))
}

/// Where the steps are taken.
pub(super) struct Stage<'a> {
    told: &'a mut dyn FnMut(Progress),
}

impl<'a> Stage<'a> {
    /// `told` hears of the beginning and the end of each step.
    pub(super) fn new(told: &'a mut dyn FnMut(Progress)) -> Self {
        Self { told }
    }

    /// Takes one step. `None` when it failed; that is told, and what needs it is for the caller to leave out.
    pub(super) fn step<T>(
        &mut self,
        subject: &str,
        name: &str,
        act: impl FnOnce() -> Seen<T>,
    ) -> Option<T> {
        (self.told)(Progress::Began {
            subject: subject.into(),
            name: name.into(),
        });
        let begun = Instant::now();
        let (value, outcome) = match act() {
            Ok((value, outcome)) => (Some(value), outcome),
            Err(fault) => {
                // What a program said may be several lines; a step is told in one.
                let lines: Vec<String> = fault.to_string().lines().map(str::to_owned).collect();
                (None, Outcome::Failed(lines.join("; ")))
            }
        };
        self.ended(subject, name, outcome, begun);
        value
    }

    /// Tells of a step that is not tried.
    pub(super) fn skip(&mut self, subject: &str, name: &str, because: impl Into<String>) {
        self.ended(
            subject,
            name,
            Outcome::Skipped(because.into()),
            Instant::now(),
        );
    }

    fn ended(&mut self, subject: &str, name: &str, outcome: Outcome, begun: Instant) {
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (subject, name) = (subject.into(), name.into());
        (self.told)(Progress::Ended(Step {
            subject,
            name,
            outcome,
            milliseconds,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_told_and_gives_nothing() {
        let mut told = Vec::new();
        let mut hear = |progress| told.push(progress);
        let mut stage = Stage::new(&mut hear);
        assert_eq!(stage.step("a", "b", || failed::<u8>("it broke")), None);
        assert_eq!(stage.step("a", "c", || passed(7, "seven")), Some(7));
        stage.skip("a", "d", "of the weather");
        let outcomes: Vec<_> = told
            .into_iter()
            .filter_map(|progress| match progress {
                Progress::Ended(step) => Some((step.name, step.outcome)),
                Progress::Began { .. } => None,
            })
            .collect();
        assert_eq!(
            outcomes,
            [
                ("b".into(), Outcome::Failed("it broke".into())),
                ("c".into(), Outcome::Passed("seven".into())),
                ("d".into(), Outcome::Skipped("of the weather".into())),
            ]
        );
    }
}
