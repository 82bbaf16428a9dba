#![doc = include_str!("nodatacow_for_unsnapshotted_database.md")]

use std::borrow::Cow;

use crate::analysis::{Integrity, Traits};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView, yes_or_no};
use crate::spec::{Class, DatabaseEngine, Profile};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB402",
    name: "nodatacow-for-unsnapshotted-database",
    stage: Stage::Attributes,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "copy on write, or the nodatacow attribute",
    page: include_str!("nodatacow_for_unsnapshotted_database.md"),
    proofs: &[
        "nodatacow-fragments-under-snapshots",
        "nodatacow-has-no-checksums",
        "nodatacow-lost-by-send-receive",
        "nodatacow-attribute-needs-empty-target",
    ],
    decide: Decide::Volume(decide),
};

fn decide(view: &VolumeView) -> Option<Verdict<VolumeChoice>> {
    let choices = view.choices();
    let class = choices.class.flatten();
    let engine = choices.engine.flatten();
    let profile = view
        .filesystem()
        .and_then(|(_, choices)| choices.data_profile.flatten());
    let (copy_on_write, reason) = judge(view, class, engine, profile);
    let name = |text: Option<&'static str>| Cow::from(text.unwrap_or("unknown"));
    Some(Verdict {
        choice: VolumeChoice::CopyOnWrite(copy_on_write),
        reason: reason.into(),
        evidence: vec![
            ("class", name(class.map(Class::name))),
            ("engine", name(engine.map(DatabaseEngine::name))),
            ("dataProfile", name(profile.map(Profile::name))),
            ("snapshotted", yes_or_no(view.is_snapshotted())),
            ("engineChecksums", yes_or_no(checks_its_pages(view, engine))),
        ],
        would_change: "another class or engine, `engineChecksums`, a policy that snapshots it, another data profile, or `copyOnWrite`",
        declared: view
            .this()
            .declared
            .copy_on_write
            .map(|cow| (VolumeChoice::CopyOnWrite(cow), view.option("copyOnWrite"))),
    })
}

/// Whether the engine notices a damaged page by itself: as declared, else as it is known to do.
fn checks_its_pages(view: &VolumeView, engine: Option<DatabaseEngine>) -> bool {
    let known = engine.is_some_and(DatabaseEngine::has_page_checksums);
    view.this().declared.engine_checksums.unwrap_or(known)
}

/// Nodatacow only where all four hold: it helps, it lasts, nothing can be healed anyway, and the
/// engine itself notices what Btrfs then cannot.
fn judge(
    view: &VolumeView,
    class: Option<Class>,
    engine: Option<DatabaseEngine>,
    profile: Option<Profile>,
) -> (bool, &'static str) {
    let traits = class.map(Class::traits);
    let integrity = traits.map(|traits| traits.integrity);
    if !traits.is_some_and(Traits::is_fragmented_by_cow) {
        (
            true,
            "it is not overwritten at random, so copying on write costs little and keeps checksums",
        )
    } else if view.is_snapshotted() {
        (
            true,
            "it is snapshotted, and behind each snapshot every block is copied once all the same",
        )
    } else if profile.is_none_or(|profile| profile.copies() > 1) {
        (
            true,
            "without checksums Btrfs cannot tell which of two copies is right, so nothing would be healed",
        )
    } else if integrity == Some(Integrity::Engine) && !checks_its_pages(view, engine) {
        (
            true,
            "no engine is known that checks its own pages, and without copy on write Btrfs does not check them either",
        )
    } else if integrity == Some(Integrity::Engine) {
        (
            false,
            "it is overwritten at random, is not snapshotted, has one copy only, and its engine checks its own pages",
        )
    } else {
        (
            false,
            "it is overwritten at random, is not snapshotted and has one copy only; the guest has checks of its own or none",
        )
    }
}
