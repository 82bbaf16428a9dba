#![doc = include_str!("work_not_ended.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB847",
    name: "work-not-ended",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "an update, a restore or a move that was begun and has not ended",
    page: include_str!("work_not_ended.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let begun = host.observed.work.get().into_iter().flatten();
    let told = begun.map(|work| {
        Differs::new(
            &work.of,
            format!(
                "{} was begun and has not ended; it came to `{}`",
                work.shown(),
                work.stage
            ),
            format!(
                "where no command is at work on it now, `{}` ends it",
                work.ended_by()
            ),
            Remedy::Person,
        )
    });
    told.collect()
}
