#![doc = include_str!("option_beyond_podman.md")]

use crate::analysis::Facts;
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, Rule, Stage};
use crate::spec::Driver;
use crate::storage_conf::{self, Key};
use crate::units::Version;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB510",
    name: "option-beyond-podman",
    stage: Stage::Engine,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "an option that this Podman or its driver cannot follow",
    page: include_str!("option_beyond_podman.md"),
    proofs: &[
        "image-store-holds-the-images",
        "additional-stores-need-overlay-and-their-directory",
        "storage-conf-as-podman-reads-it",
    ],
    decide: Decide::Find(find),
};

/// An option, whether it is in use, the key behind it, and whether it needs the overlay driver.
struct Wish {
    option: &'static [&'static str],
    used: bool,
    key: &'static str,
    overlay_only: bool,
}

fn find(facts: &Facts, chosen: &Choices) -> Vec<Found> {
    let Some(driver) = chosen.engine.driver else {
        return Vec::new();
    };
    let podman = facts.spec.host.podman.as_ref();
    let mut found = Vec::new();
    for wish in wishes(facts).into_iter().filter(|wish| wish.used) {
        let why = if wish.overlay_only && driver != Driver::Overlay {
            format!("the {} driver cannot: it needs overlay", driver.name())
        } else if let Some(key) =
            storage_conf::find(wish.key).filter(|key| !key.is_valid_for(podman))
        {
            too_early(key, podman)
        } else {
            continue;
        };
        found.push(Found {
            at: OptionPath::of(["engine"].iter().chain(wish.option).copied()),
            message: why,
            help: "remove this line, or correct `host.podman` and `engine.driver`".into(),
            related: Vec::new(),
        });
    }
    found
}

fn wishes(facts: &Facts) -> [Wish; 5] {
    let engine = &facts.spec.engine;
    let pull = engine.pull_options.as_ref();
    [
        Wish {
            option: &["imageStore"],
            used: engine.image_store == Some(true),
            key: "imagestore",
            overlay_only: true,
        },
        Wish {
            option: &["additionalImageStores"],
            used: !engine.additional_image_stores.is_empty(),
            key: "options.additionalimagestores",
            overlay_only: true,
        },
        Wish {
            option: &["transientStore"],
            used: engine.transient_store == Some(true),
            key: "transient_store",
            overlay_only: false,
        },
        Wish {
            option: &["pullOptions", "partialImages"],
            used: pull.is_some_and(|pull| pull.partial_images == Some(true)),
            key: "options.pull_options.enable_partial_images",
            overlay_only: true,
        },
        Wish {
            option: &["pullOptions", "convertImages"],
            used: pull.is_some_and(|pull| pull.convert_images == Some(true)),
            key: "options.pull_options.convert_images",
            overlay_only: true,
        },
    ]
}

fn too_early(key: &Key, podman: Option<&Version>) -> String {
    let (major, minor) = key.since.unwrap_or_default();
    match podman {
        Some(version) => {
            format!("Podman knows it from {major}.{minor} on, and this host has {version}")
        }
        None => format!(
            "Podman knows it from {major}.{minor} on, and `host.podman` does not say which this host has"
        ),
    }
}
