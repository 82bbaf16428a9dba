#![doc = include_str!("compression_property_differs.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedPlace;
use crate::rules::{Decide, Rule, Stage};
use crate::spec::Compression;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB833",
    name: "compression-property-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a volume has another compression property than planned",
    page: include_str!("compression_property_differs.md"),
    proofs: &["compression-property-inherited"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.volumes().filter_map(|place| {
        let (_, _, volume) = place.planned;
        let wanted = volume.planned.compression.map(Compression::name);
        differs(&volume.key(), wanted, place.found?)
    });
    found.collect()
}

fn differs(key: &str, wanted: Option<&str>, found: &ObservedPlace) -> Option<Differs> {
    let present = found.compression.get()?.as_deref();
    if wanted == present {
        return None;
    }
    let (is, planned) = (shown(present), shown(wanted));
    let message = format!("its compression property is {is}, and {planned} is planned");
    let migrate = super::moved("that has the property", key);
    let (help, remedy) = match (wanted, present) {
        (Some(_), None) if found.empty => (
            "`podman-btrfs apply` sets it while the volume is empty",
            Remedy::Apply,
        ),
        (Some(_), None) => (&*migrate, Remedy::Migrate),
        _ => (
            "somebody set it: `btrfs property set` changes it for new files, or declare `compression`",
            Remedy::Person,
        ),
    };
    Some(Differs::new(key, message, help, remedy))
}

fn shown(property: Option<&str>) -> &str {
    property.unwrap_or("unset")
}
