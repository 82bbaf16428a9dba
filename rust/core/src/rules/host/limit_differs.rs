#![doc = include_str!("limit_differs.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::ObservedQuota;
use crate::plan::QuotaMode;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB834",
    name: "limit-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "a subvolume has another limit than planned",
    page: include_str!("limit_differs.md"),
    proofs: &["simple-quota-limits-subvolume"],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.subvolumes().filter_map(|place| {
        let filesystem = place.filesystem;
        let is_planned = filesystem.planned.quota == QuotaMode::Simple;
        // Without them there are no limits, and that is told.
        if !is_planned || filesystem.observed.quota.get() != Some(&ObservedQuota::Simple) {
            return None;
        }
        let wanted = place.planned.limit_bytes;
        let present = *place.found?.limit_bytes.get()?;
        let (help, remedy) = match wanted {
            _ if wanted == present => return None,
            Some(_) => ("`podman-btrfs apply` sets it", Remedy::Apply),
            None => (
                "declare `limit`, or end it: `btrfs qgroup limit none`",
                Remedy::Person,
            ),
        };
        let message = format!(
            "its limit is {}, and {} is planned",
            shown(present),
            shown(wanted)
        );
        Some(Differs::new(
            &place.planned.host_path,
            message,
            help,
            remedy,
        ))
    });
    found.collect()
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or_else(|| "none".into(), |bytes| format!("{bytes} bytes"))
}
