#![doc = include_str!("host_value_unknown.md")]

use crate::drift::{Differs, FilesystemOnHost, Host, Remedy};
use crate::finding::Level;
use crate::observed::{Known, ObservedPlace, ObservedStore};
use crate::rules::{Decide, Rule, Stage};
use std::collections::BTreeMap;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB820",
    name: "host-value-unknown",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "what could not be found out about a host",
    page: include_str!("host_value_unknown.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

/// What is not known: whose (a filesystem, `engine`, `units`, `work`), what, and why; and of which places.
type Unknown<'h> = BTreeMap<(&'h str, &'static str, &'h str), Vec<&'h str>>;

fn ask(host: &Host) -> Vec<Differs> {
    let mut unknown = Unknown::new();
    for filesystem in host.filesystems() {
        of_filesystem(filesystem, &mut unknown);
        of_places(filesystem, &mut unknown);
    }
    let engine = &host.observed.engine;
    note(
        &mut unknown,
        "engine",
        "`storage.conf`",
        "",
        &engine.configured,
    );
    let stores = engine.stores.iter();
    for (store, observed) in stores.filter(|(store, _)| host.reaches_store(store)) {
        of_store(store, observed, &mut unknown);
    }
    for (account, found) in &engine.accounts {
        note(&mut unknown, "engine", "the account", account, found);
        if found.get() == Some(&None) {
            let place = ("engine", "the owner", "there is no such account");
            unknown.entry(place).or_default().push(account);
        }
    }
    note(
        &mut unknown,
        "units",
        "the state of units",
        "",
        &host.observed.units,
    );
    note(
        &mut unknown,
        "work",
        "what was begun and has not ended",
        "",
        &host.observed.work,
    );
    unknown.into_iter().map(told).collect()
}

fn of_filesystem<'h>(filesystem: FilesystemOnHost<'h>, unknown: &mut Unknown<'h>) {
    let (name, observed) = (filesystem.name.as_str(), filesystem.observed);
    note(unknown, name, "the filesystem", "", &observed.found);
    note(unknown, name, "what is mounted", "", &observed.mounts);
    for (point, mount) in observed.mounts.get().into_iter().flatten() {
        let of = point.as_str();
        let mounted = &mount.planned_filesystem;
        note(unknown, name, "which filesystem is mounted", of, mounted);
    }
    // The rest is seen through a mount; without any, that is told.
    let mut mounts = filesystem.planned.mounts.iter();
    if !mounts.any(|mount| filesystem.is_in_effect(mount)) {
        return;
    }
    note(unknown, name, "errors of devices", "", &observed.devices);
    note(
        unknown,
        name,
        "missing devices",
        "",
        &observed.missing_devices,
    );
    note(unknown, name, "space", "", &observed.space);
    note(unknown, name, "quotas", "", &observed.quota);
    note(
        unknown,
        name,
        "the list of subvolumes",
        "",
        &observed.subvolumes,
    );
}

/// Places behind a mount that is not as planned are not looked at: the mount itself is told.
fn of_places<'h>(filesystem: FilesystemOnHost<'h>, unknown: &mut Unknown<'h>) {
    let name = filesystem.name.as_str();
    for (place, found) in &filesystem.observed.places {
        if !filesystem.reaches(place) {
            continue;
        }
        note(unknown, name, "what is at the place", place, found);
        if let Some(Some(found)) = found.get() {
            of_place(name, place, found, unknown);
        }
    }
}

fn of_place<'h>(
    name: &'h str,
    place: &'h str,
    found: &'h ObservedPlace,
    unknown: &mut Unknown<'h>,
) {
    note(
        unknown,
        name,
        "the nodatacow attribute",
        place,
        &found.nodatacow,
    );
    note(
        unknown,
        name,
        "the compression property",
        place,
        &found.compression,
    );
    note(unknown, name, "the marker", place, &found.marker);
    note(unknown, name, "the limit", place, &found.limit_bytes);
}

fn of_store<'h>(store: &'h str, observed: &'h ObservedStore, unknown: &mut Unknown<'h>) {
    note(
        unknown,
        "engine",
        "the driver of the store",
        store,
        &observed.drivers,
    );
    note(
        unknown,
        "engine",
        "what is in the store",
        store,
        &observed.contents,
    );
    note(
        unknown,
        "engine",
        "the layers of the store",
        store,
        &observed.leaked_layers,
    );
}

fn note<'h, T>(
    unknown: &mut Unknown<'h>,
    whose: &'h str,
    what: &'static str,
    of: &'h str,
    found: &'h Known<T>,
) {
    if let Some(why) = found.why() {
        unknown.entry((whose, what, why)).or_default().push(of);
    }
}

fn told(((whose, what, why), of): ((&str, &str, &str), Vec<&str>)) -> Differs {
    let of = match of.as_slice() {
        [] | [""] => String::new(),
        [one] => format!(" of {one}"),
        [first, more @ ..] => format!(" of {first} and {} more", more.len()),
    };
    Differs::new(
        whose,
        format!("{what}{of} could not be found out: {why}"),
        "run it as root, and see to what it names; nothing is concluded from it",
        Remedy::Person,
    )
}
