#![doc = include_str!("owner_or_mode_differs.md")]

use crate::drift::{Differs, Host, PlaceOnHost, Remedy};
use crate::finding::Level;
use crate::observed::ObservedPlace;
use crate::plan::{Subvolume, SubvolumeRole};
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB838",
    name: "owner-or-mode-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a store or a place of snapshots has another owner or mode",
    page: include_str!("owner_or_mode_differs.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let ours = host
        .subvolumes()
        .filter(|place| is_ours(place.planned.role));
    let found = ours.filter_map(|place| {
        let found = place.found?;
        let wrong = differences(host, &place, found);
        (!wrong.is_empty()).then(|| {
            Differs::new(
                &place.planned.host_path,
                wrong.join(", "),
                "set it back with `chown` and `chmod`, and see who changed it",
                Remedy::Person,
            )
        })
    });
    found.collect()
}

/// The owners of volumes are their containers' affair, and the system's are the installation's.
fn is_ours(role: SubvolumeRole) -> bool {
    match role {
        SubvolumeRole::EngineStores
        | SubvolumeRole::UserStore
        | SubvolumeRole::ImageStore
        | SubvolumeRole::Volumes
        | SubvolumeRole::Snapshots
        | SubvolumeRole::SnapperSnapshots => true,
        SubvolumeRole::System
        | SubvolumeRole::Swap
        | SubvolumeRole::Group
        | SubvolumeRole::Volume => false,
    }
}

fn differences(host: &Host, place: &PlaceOnHost<&Subvolume>, found: &ObservedPlace) -> Vec<String> {
    let planned = place.planned;
    let mut wrong = Vec::new();
    if found.mode != planned.mode {
        wrong.push(format!(
            "its mode is {}, and {} is planned",
            found.mode, planned.mode
        ));
    }
    let (wanted, name) = match &planned.owner {
        None => (Some(0), "root"),
        Some(owner) => {
            let account = host.observed.engine.accounts.get(owner.as_str());
            let account = account.and_then(|account| account.get().copied().flatten());
            (account.map(|account| account.uid), owner.as_str())
        }
    };
    if wanted.is_some_and(|wanted| wanted != found.uid) {
        wrong.push(format!(
            "the user {} owns it, and {name} is planned",
            found.uid
        ));
    }
    wrong
}
