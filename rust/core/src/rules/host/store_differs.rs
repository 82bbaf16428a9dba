#![doc = include_str!("store_differs.md")]

use crate::drift::{Differs, Host, Remedy};
use crate::finding::Level;
use crate::observed::ConfiguredStore;
use crate::plan::StorageConf;
use crate::rules::{Decide, Rule, Stage};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB843",
    name: "store-differs",
    stage: Stage::Host,
    level: Level::Warn,
    fixed: false,
    since: "0.1.0",
    summary: "the driver or the place of a store is not as planned",
    page: include_str!("store_differs.md"),
    proofs: &[
        "archive-keeps-an-image-and-loses-its-names",
        "first-container-owns-a-volume",
        "store-keeps-its-first-settings",
    ],
    decide: Decide::OnHost(ask),
};

fn ask(host: &Host) -> Vec<Differs> {
    let Some(planned) = &host.plan.engine.storage_conf else {
        return Vec::new();
    };
    let configured = host.observed.engine.configured.get();
    let mut found: Vec<Differs> = configured
        .into_iter()
        .flat_map(|configured| of_configuration(planned, configured.as_ref()))
        .collect();
    for (store, observed) in &host.observed.engine.stores {
        let drivers: Vec<&str> = observed
            .drivers
            .get()
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        found.extend(of_store(store, &drivers, planned.driver.name()));
    }
    found
}

/// What has layers of other drivers. Which of several Podman uses is in its database, which nobody asks here.
fn of_store(store: &str, drivers: &[&str], wanted: &str) -> Option<Differs> {
    let others: Vec<&str> = drivers
        .iter()
        .copied()
        .filter(|one| *one != wanted)
        .collect();
    if others.is_empty() {
        return None;
    }
    let is_used = others.len() == drivers.len();
    let (help, remedy) = match (store, is_used) {
        ("root", true) => (
            "`podman-btrfs migrate-store PLAN` makes a store with the planned driver of it, and keeps it for some days; its containers stop shortly",
            Remedy::Migrate,
        ),
        ("root", false) => (
            "where Podman still uses it with the other driver, `podman-btrfs migrate-store PLAN` moves it; else remove what is left of that one, or plan it",
            Remedy::Person,
        ),
        _ => (
            "stop its containers, and remove what is in it with that driver (`podman --storage-driver`), or plan that driver",
            Remedy::Person,
        ),
    };
    Some(Differs::new(
        &format!("the store of {store}"),
        format!(
            "it has layers of the driver {}, and {wanted} is planned: they hold space, and what was run from them is not seen",
            others.join(", ")
        ),
        help,
        remedy,
    ))
}

fn of_configuration(planned: &StorageConf, found: Option<&ConfiguredStore>) -> Vec<Differs> {
    let told = |message: String| {
        Differs::new(
            "storage.conf",
            message,
            "install the planned `storage.conf` (NixOS does so at a switch), and see what else writes it",
            Remedy::Person,
        )
    };
    let Some(found) = found else {
        return vec![told(
            "there is none, so Podman decides by itself where its store is".into(),
        )];
    };
    let pairs = [
        ("driver", found.driver.as_deref(), planned.driver.name()),
        (
            "graph root",
            found.graph_root.as_deref(),
            planned.graph_root.as_str(),
        ),
    ];
    let wrong = pairs
        .into_iter()
        .filter(|(_, is, wanted)| *is != Some(*wanted));
    wrong
        .map(|(what, is, wanted)| {
            let is = is.unwrap_or("not set");
            told(format!("the {what} is {is}, and {wanted} is planned"))
        })
        .collect()
}
