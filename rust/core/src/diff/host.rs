//! The machine: bounds, emulators, images that are pulled.

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use crate::plan::{ImagePull, Plan, Subject};

pub(super) const CLAIMS: &[Claim] = &[
    follows("density.demands", "what is more or less of is told itself"),
    by("density.sysctls.*", setting),
    by("density.userTasksMax", setting),
    by("images.pulls", pulls),
    by("images.emulated", emulated),
];

fn setting(change: &Change, _: &Sides) -> Vec<Difference> {
    let name = match change.names.first() {
        Some(name) => name.clone(),
        None => "TasksMax".to_owned(),
    };
    let happens = if change.new.as_ref().is_none_or(serde_json::Value::is_null) {
        "it is no longer set; what it was stays until the next boot"
    } else {
        "it is set at the switch; what runs already is not touched"
    };
    change.told(Kind::SettingChanged, Subject::Host, &name, happens, "")
}

/// What is pulled by a tag, for the host itself, is told where its container is.
fn pulls(change: &Change, sides: &Sides) -> Vec<Difference> {
    let pinned = |plan: &Plan| -> Vec<ImagePull> {
        let pulls = plan.images.pulls.iter();
        pulls
            .filter(|pull| pull.by_digest || pull.local_name.is_some())
            .cloned()
            .collect()
    };
    if pinned(sides.old) == pinned(sides.new) {
        return Vec::new();
    }
    let mut told = change.told(
        Kind::PullsChanged,
        Subject::Host,
        "images",
        "other images or platforms are pulled from then on; those in the store stay until they are pruned",
        "",
    );
    // Two lists of images tell nobody what is different in them.
    for difference in &mut told {
        (difference.old, difference.new) = (None, None);
        difference.rule = None;
    }
    told
}

fn emulated(change: &Change, _: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        Subject::Host,
        "emulated",
        "emulators are registered and taken away; a container of a platform without one does not start",
        "",
    )
}
