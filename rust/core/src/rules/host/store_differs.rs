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
    proofs: &["store-keeps-its-first-settings"],
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
    let wanted = planned.driver.name();
    for (store, observed) in &host.observed.engine.stores {
        let drivers = observed.drivers.get().into_iter().flatten();
        let others: Vec<&str> = drivers
            .map(String::as_str)
            .filter(|driver| *driver != wanted)
            .collect();
        if !others.is_empty() {
            found.push(Differs::new(
                &format!("the store of {store}"),
                format!("it has layers of the driver {}, and {wanted} is planned: they hold space, and what was run from them is not seen", others.join(", ")),
                "stop its containers, and remove what is in it with that driver (`podman --storage-driver`), or plan that driver",
                Remedy::Person,
            ));
        }
    }
    found
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
