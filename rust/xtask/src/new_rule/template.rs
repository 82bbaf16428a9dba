//! The texts that a new rule begins with.

use podman_btrfs_core::rules::Stage;

use super::Decides;

/// The rule's file: a record, and a function that decides nothing.
pub(super) fn source(stage: Stage, code: &str, name: &str, decides: Decides) -> String {
    let module = name.replace('-', "_");
    let Shape {
        imports,
        decide,
        function,
    } = shape(decides);
    let level = match stage {
        Stage::Validity => "Error",
        Stage::Class
        | Stage::Layout
        | Stage::Attributes
        | Stage::Engine
        | Stage::Protection
        | Stage::Capacity
        | Stage::Host => "Note",
    };
    let stage = variant(stage);
    let since = env!("CARGO_PKG_VERSION");
    let summary = name.replace('-', " ");
    format!(
        r#"#![doc = include_str!("{module}.md")]

{imports}

/// See the page.
pub static RULE: Rule = Rule {{
    code: "{code}",
    name: "{name}",
    stage: Stage::{stage},
    level: Level::{level},
    fixed: false,
    since: "{since}",
    summary: "{summary}",
    page: include_str!("{module}.md"),
    proofs: &[],
    decide: Decide::{decide},
}};

{function}
"#
    )
}

struct Shape {
    imports: &'static str,
    decide: &'static str,
    function: &'static str,
}

const fn shape(decides: Decides) -> Shape {
    match decides {
        Decides::Findings => Shape {
            imports: "use crate::analysis::Facts;\nuse crate::finding::Level;\nuse crate::rules::{Choices, Decide, Found, Rule, Stage};",
            decide: "Find(find)",
            function: "fn find(_: &Facts, _: &Choices) -> Vec<Found> {\n    Vec::new()\n}",
        },
        Decides::Engine => Shape {
            imports: "use crate::analysis::Facts;\nuse crate::finding::Level;\nuse crate::rules::{Choices, Decide, EngineChoice, Rule, Stage, Verdict};",
            decide: "Engine(decide)",
            function: "fn decide(_: &Facts, _: &Choices) -> Option<Verdict<EngineChoice>> {\n    None\n}",
        },
        Decides::Filesystem => Shape {
            imports: "use crate::finding::Level;\nuse crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};",
            decide: "Filesystem(decide)",
            function: "fn decide(_: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {\n    None\n}",
        },
        Decides::Policy => Shape {
            imports: "use crate::finding::Level;\nuse crate::rules::{Decide, PolicyChoice, PolicyView, Rule, Stage, Verdict};",
            decide: "Policy(decide)",
            function: "fn decide(_: &PolicyView) -> Option<Verdict<PolicyChoice>> {\n    None\n}",
        },
        Decides::Workload => Shape {
            imports: "use crate::finding::Level;\nuse crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};",
            decide: "Workload(decide)",
            function: "fn decide(_: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {\n    None\n}",
        },
        Decides::Volume => Shape {
            imports: "use crate::finding::Level;\nuse crate::rules::{Decide, Rule, Stage, Verdict, VolumeChoice, VolumeView};",
            decide: "Volume(decide)",
            function: "fn decide(_: &VolumeView) -> Option<Verdict<VolumeChoice>> {\n    None\n}",
        },
    }
}

const fn variant(stage: Stage) -> &'static str {
    match stage {
        Stage::Validity => "Validity",
        Stage::Class => "Class",
        Stage::Layout => "Layout",
        Stage::Attributes => "Attributes",
        Stage::Engine => "Engine",
        Stage::Protection => "Protection",
        Stage::Capacity => "Capacity",
        Stage::Host => "Host",
    }
}

/// The rule's page: its headings, in the order that the tests want.
pub(super) fn page(code: &str, name: &str) -> String {
    let sentence = name.replace('-', " ");
    format!(
        "# {code} {name}\n\nDecided or found by {code}: {sentence}.\n\n## What it decides\n\n## Why\n\n## Examples\n\n\
         ## When it stays silent\n\n## How to override\n\n## References\n"
    )
}
