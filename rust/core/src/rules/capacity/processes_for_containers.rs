#![doc = include_str!("processes_for_containers.md")]

use crate::analysis::Facts;
use crate::density::assumed::{DEFAULT_PID_MAX, MOST_PID_MAX, TASKS, USER_TASKS};
use crate::density::{by_store, with_room};
use crate::finding::Level;
use crate::rules::{Choices, Decide, HostChoice, Processes, Rule, Stage, Verdict};
use crate::spec::Platform;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB713",
    name: "processes-for-containers",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how many processes the host and a user may have",
    page: include_str!("processes_for_containers.md"),
    proofs: &["processes-end-at-pid-max"],
    decide: Decide::Host(decide),
};

fn decide(facts: &Facts, _: &Choices) -> Option<Verdict<HostChoice>> {
    // A kernel of 32 bits has no more numbers to give.
    if let Some(Platform::ArmV7 | Platform::I386) = facts.spec.host.platform {
        return None;
    }
    let stores = by_store(facts);
    let tasks = stores.all() * TASKS;
    let of_a_user = stores.largest_user().1 * TASKS;
    let bounds = Processes {
        pid_max: (tasks * 2 > DEFAULT_PID_MAX).then_some(MOST_PID_MAX),
        of_a_user: (of_a_user > USER_TASKS / 2).then(|| with_room(of_a_user)),
    };
    if bounds.pid_max.is_none() && bounds.of_a_user.is_none() {
        return None;
    }
    Some(Verdict {
        choice: HostChoice::Processes(bounds),
        reason: format!(
            "all containers want about {tasks} processes and threads, those of one user {of_a_user}; the kernel's own bound is {DEFAULT_PID_MAX}, systemd's for a user about {USER_TASKS} on a host of 4 GiB"
        )
        .into(),
        evidence: vec![
            ("containers", stores.all().to_string().into()),
            ("containersOfAUser", stores.largest_user().1.to_string().into()),
            ("processesAContainer", format!("{TASKS}, assumed").into()),
        ],
        would_change: "fewer copies or containers",
        declared: None,
    })
}
