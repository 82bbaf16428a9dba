#![doc = include_str!("leaked_layers.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB842",
    name: "leaked-layers",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "subvolumes of layers that no store knows",
    page: include_str!("leaked_layers.md"),
    proofs: &[],
    decide: Decide::OnHost(ask),
};

/// So many are named.
const NAMED: usize = 3;

fn ask(host: &Host) -> Vec<Differs> {
    let found = host.observed.engine.stores.iter().filter_map(|(store, observed)| {
        let leaked = observed.leaked_layers.get()?;
        let count = leaked.len();
        let some: Vec<&str> = leaked.iter().take(NAMED).map(String::as_str).collect();
        let more = if count > NAMED { ", …" } else { "" };
        (count > 0).then(|| {
            Differs::new(
                &format!("the store of {store}"),
                format!("{count} subvolumes of layers are known to no store and hold space for nobody: {}{more}", some.join(", ")),
                "`podman-btrfs retire PLAN --leaked-layers` lists them with what they hold, and with `--confirm root` deletes those of the system's store",
                Remedy::Person,
            )
        })
    });
    found.collect()
}
