#![doc = include_str!("upkeep_on_days_apart.md")]

use crate::finding::Level;
use crate::plan::UpkeepPlan;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::{Often, Trim};
use crate::upkeep::{Task, calendar};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB804",
    name: "upkeep-on-days-apart",
    stage: Stage::Host,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "when filesystems are scrubbed, trimmed and balanced",
    page: include_str!("upkeep_on_days_apart.md"),
    proofs: &["calendar-timers-skip-the-doubled-hour"],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let chosen = view.choices();
    let position = position(view);
    let at = |task, often| calendar(task, position, often);
    let trims = match chosen.trim? {
        Trim::Weekly => Often::Weekly,
        Trim::Never | Trim::Continuous => Often::Never,
    };
    let balances = if chosen.balance? {
        Often::Weekly
    } else {
        Often::Never
    };
    Some(Verdict {
        choice: FilesystemChoice::Upkeep(UpkeepPlan {
            scrub: at(Task::Scrub, chosen.scrub?),
            trim: at(Task::Trim, trims),
            balance: at(Task::Balance, balances),
        }),
        reason:
            "each of them has a day of the week of its own, and begins when no snapshot is taken"
                .into(),
        evidence: vec![("position", (position + 1).to_string().into())],
        would_change: "another filesystem whose device comes before this one's",
        declared: None,
    })
}

/// Its place among all, in the order of their devices: a name decides nothing, and a new one moves nothing.
fn position(view: &FilesystemView) -> usize {
    let of = |index: usize| {
        let declared = view.facts.filesystems[index].declared;
        let device = declared.device.as_ref().or(declared.disks.first());
        (device.map(crate::units::DevicePath::as_str), index)
    };
    let own = of(view.index);
    let others = 0..view.facts.filesystems.len();
    others.filter(|index| of(*index) < own).count()
}
