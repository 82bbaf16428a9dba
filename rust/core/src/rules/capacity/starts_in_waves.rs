#![doc = include_str!("starts_in_waves.md")]

use crate::finding::Level;
use crate::rules::{Decide, Rule, Stage, Verdict, WorkloadChoice, WorkloadView};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB719",
    name: "starts-in-waves",
    stage: Stage::Capacity,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how many copies of a workload start at one time",
    page: include_str!("starts_in_waves.md"),
    proofs: &[],
    decide: Decide::Workload(decide),
};

/// Copies that start together where the processors are not known; the least and the most otherwise.
const UNKNOWN: u32 = 16;
const LEAST: u32 = 8;
const MOST: u32 = 64;

fn decide(view: &WorkloadView) -> Option<Verdict<WorkloadChoice>> {
    let cpus = view.facts.spec.host.cpus;
    let wave = cpus.map_or(UNKNOWN, |cpus| cpus.saturating_mul(4).clamp(LEAST, MOST));
    let copies = view.this().replicas;
    if copies <= wave || view.this().declared.containers.is_empty() {
        return None;
    }
    Some(Verdict {
        choice: WorkloadChoice::StartWave(wave),
        reason: format!(
            "{copies} copies would start at one moment at boot, and all of them write to Podman's one database"
        )
        .into(),
        evidence: vec![
            ("copies", copies.to_string().into()),
            (
                "cpus",
                cpus.map_or("unknown".into(), |cpus| cpus.to_string().into()),
            ),
        ],
        would_change: "fewer `replicas`, or another `host.cpus`",
        declared: None,
    })
}
