//! What watches hosts by the series of `podman-btrfs metrics`: rules of Prometheus, and a dashboard of Grafana.
//!
//! Both are the same for every host. What a host has planned it tells as series of its own, so that one Prometheus
//! with one file of rules serves hosts of different plans.

use podman_btrfs_core::plan::Plan;

use crate::{Artefact, EmitError};

/// `prometheus-rules.yaml` and `grafana-dashboard.json`, as files that people may read.
const FILES: [(&str, &str); 2] = [
    (
        "monitoring/grafana-dashboard.json",
        include_str!("monitoring/grafana-dashboard.json"),
    ),
    (
        "monitoring/prometheus-rules.yaml",
        include_str!("monitoring/prometheus-rules.yaml"),
    ),
];

/// The two files, where there is something to watch.
#[expect(clippy::unnecessary_wraps, reason = "it stands in a table of emitters")]
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    if plan.filesystems.is_empty() {
        return Ok(Vec::new());
    }
    let artefact = |(path, text): (&str, &str)| Artefact {
        path: path.into(),
        text: text.into(),
    };
    Ok(FILES.map(artefact).into())
}
