//! Which path of a plan is told by whom.

use super::change::{Change, Sides};
use super::kind::Kind;
use super::{
    Difference, containers, engine, filesystems, groups, host, mounts, protection, volumes,
    workloads,
};
use crate::plan::{Plan, Subject};

/// One path, and what is said when it differs.
pub(super) struct Claim {
    /// The path, with `*` for each name.
    pub(super) at: &'static str,
    pub(super) tell: Tell,
}

/// What is said of a path that differs.
pub(super) enum Tell {
    /// Told by this function.
    By(fn(&Change, &Sides) -> Vec<Difference>),
    /// Never by itself: it follows from what is told at another path, or says nothing of the host.
    Follows(#[expect(dead_code, reason = "says why to who reads the table")] &'static str),
}

/// A path told by a function.
pub(super) const fn by(at: &'static str, tell: fn(&Change, &Sides) -> Vec<Difference>) -> Claim {
    Claim {
        at,
        tell: Tell::By(tell),
    }
}

/// A path that is never told by itself.
pub(super) const fn follows(at: &'static str, why: &'static str) -> Claim {
    Claim {
        at,
        tell: Tell::Follows(why),
    }
}

const GENERAL: &[Claim] = &[
    follows("planVersion", "it is compared before a plan is read"),
    follows(
        "decisions",
        "what was decided is told where it takes effect",
    ),
    follows(
        "coverage",
        "what protects a volume is told where the jobs and the volumes are",
    ),
    follows(
        "levels.*",
        "how grave a difference is changes nothing on a host",
    ),
    by("diagnostics", findings),
];

/// The tables of all parts of a plan.
fn tables() -> [&'static [Claim]; 10] {
    [
        GENERAL,
        filesystems::CLAIMS,
        mounts::CLAIMS,
        engine::CLAIMS,
        host::CLAIMS,
        workloads::CLAIMS,
        groups::CLAIMS,
        containers::CLAIMS,
        volumes::CLAIMS,
        protection::CLAIMS,
    ]
}

/// What a change means.
pub(super) fn tell(change: &Change, sides: &Sides) -> Vec<Difference> {
    let claim = tables()
        .into_iter()
        .flatten()
        .find(|claim| claim.at == change.pattern);
    match claim.map(|claim| &claim.tell) {
        Some(Tell::By(tell)) => tell(change, sides),
        Some(Tell::Follows(_)) => Vec::new(),
        None => change.told(
            Kind::NotUnderstood,
            Subject::Engine,
            &change.pattern,
            "this comparison does not know what follows from it",
            "look at both plans, and tell the developers of podman-btrfs",
        ),
    }
}

/// Findings that only one of the plans has.
fn findings(change: &Change, sides: &Sides) -> Vec<Difference> {
    let only_in = |here: &Plan, there: &Plan, word: &str| -> Vec<Difference> {
        here.diagnostics
            .iter()
            .filter(|found| {
                !there
                    .diagnostics
                    .iter()
                    .any(|other| (&other.code, &other.at) == (&found.code, &found.at))
            })
            .flat_map(|found| {
                let mut told = change.told(
                    Kind::FindingChanged,
                    Subject::about(&found.at),
                    &found.code,
                    format!("{word}: {}", found.message),
                    String::new(),
                );
                for difference in &mut told {
                    (difference.old, difference.new) = (None, None);
                    difference.rule = Some(found.code.clone());
                }
                told
            })
            .collect()
    };
    let mut found = only_in(sides.new, sides.old, "a finding of the new plan");
    found.extend(only_in(
        sides.old,
        sides.new,
        "a finding of the old plan only",
    ));
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diff::shape::all_paths;

    #[test]
    fn every_path_of_a_plan_is_claimed_once_and_nothing_else_is() {
        let claimed: Vec<&str> = tables()
            .into_iter()
            .flatten()
            .map(|claim| claim.at)
            .collect();
        let once: BTreeSet<&str> = claimed.iter().copied().collect();
        assert_eq!(once.len(), claimed.len(), "a path is claimed twice");
        let paths = all_paths();
        let paths: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
        let unclaimed: Vec<_> = paths.difference(&once).collect();
        assert!(
            unclaimed.is_empty(),
            "say in a table of rust/core/src/diff what a change of these means on a host: {unclaimed:#?}"
        );
        let unknown: Vec<_> = once.difference(&paths).collect();
        assert!(unknown.is_empty(), "no plan has these: {unknown:#?}");
    }
}
