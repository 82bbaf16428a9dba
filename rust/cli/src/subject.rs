//! Which decisions of a plan somebody asks about.

use std::collections::BTreeSet;

use podman_btrfs_core::plan::{Decision, Plan, Subject};

/// The decisions of one rule.
pub(crate) fn of_rule<'a>(plan: &'a Plan, code: &str) -> Vec<&'a Decision> {
    plan.decisions
        .iter()
        .filter(|decision| decision.rule == code)
        .collect()
}

/// The decisions about what somebody calls by this name: a subject as it is printed, the bare name of a
/// filesystem or policy, or a workload with all of its volumes. Copies are planned as the first one.
pub(crate) fn of_name<'a>(plan: &'a Plan, name: &str) -> Vec<&'a Decision> {
    let name = without_copy(plan, name);
    plan.decisions
        .iter()
        .filter(|decision| is_named(&decision.subject, &name))
        .collect()
}

/// All subjects of a plan.
pub(crate) fn all(plan: &Plan) -> Vec<String> {
    let subjects: BTreeSet<&Subject> = plan
        .decisions
        .iter()
        .map(|decision| &decision.subject)
        .collect();
    subjects.into_iter().map(Subject::to_string).collect()
}

fn is_named(subject: &Subject, name: &str) -> bool {
    subject.to_string() == name
        || match subject {
            Subject::Filesystem(own) | Subject::Policy(own) | Subject::Volume(own, _) => {
                own == name
            }
            Subject::Host | Subject::Engine | Subject::Workload(_) => false,
        }
}

/// `shop@7/pgdata` is what `shop/pgdata` is.
fn without_copy(plan: &Plan, name: &str) -> String {
    let (instance, volume) = match name.split_once('/') {
        Some((instance, volume)) => (instance, Some(volume)),
        None => (name, None),
    };
    let workload = plan.workloads.iter().find(|(_, workload)| {
        workload
            .instances
            .iter()
            .any(|known| known.name == instance)
    });
    match (workload, volume) {
        (Some((workload, _)), Some(volume)) => format!("{workload}/{volume}"),
        (Some((workload, _)), None) => workload.to_string(),
        (None, _) => name.to_owned(),
    }
}
