//! Workloads: where each volume lies and what it is given.

use podman_btrfs_core::plan::{Instance, Placement, Plan, VolumePlan, WorkloadPlan};
use podman_btrfs_core::spec::{Class, Compression};
use podman_btrfs_core::units::{ByteSize, VolumeName, WorkloadName};
use serde::Serialize;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    if plan.workloads.is_empty() {
        return;
    }
    document.heading(2, "Workloads");
    for (name, workload) in &plan.workloads {
        if let Some((first, further)) = workload.instances.split_first() {
            write_workload(document, name, workload, first, further);
        }
    }
}

fn write_workload(
    document: &mut Document,
    name: &WorkloadName,
    workload: &WorkloadPlan,
    first: &Instance,
    further: &[Instance],
) {
    document.heading(3, &prose(name.as_str()));
    let mut lines = Vec::new();
    if let Some(last) = further.last() {
        lines.push(format!(
            "{} copies, {} to {}; the first is shown",
            further.len() + 1,
            prose(&first.name),
            prose(&last.name)
        ));
    }
    if let Some(user) = &workload.user {
        lines.push(format!("rootless, of user {}", prose(user.as_str())));
    }
    if let Some(before) = &workload.renamed_from {
        lines.push(format!("renamed from {}", prose(before.as_str())));
    }
    if let Some(consistency) = workload.consistency {
        lines.push(format!("a snapshot shows: {}", word(&consistency)));
    }
    for (container, planned) in &first.containers {
        let image = planned
            .image
            .as_ref()
            .map_or_else(String::new, |image| format!(" of {}", code(image.as_str())));
        lines.push(format!("container {}{image}", prose(container.as_str())));
    }
    if !lines.is_empty() {
        document.list(lines);
    }
    document.table(
        [
            "Volume",
            "Holds",
            "On the host",
            "Is",
            "Given",
            "In snapshots",
        ],
        first
            .volumes
            .iter()
            .map(|(name, volume)| row(name, volume))
            .collect(),
    );
}

fn row(name: &VolumeName, volume: &VolumePlan) -> [String; 6] {
    let class = volume
        .class
        .as_ref()
        .map_or("unknown".to_owned(), word::<Class>);
    let holds = match &volume.engine {
        Some(engine) => format!("{class} ({})", word(engine)),
        None => class,
    };
    let placement = match volume.placement {
        Placement::GroupDirectory => "a directory in",
        Placement::OwnSubvolume => "the subvolume",
    };
    [
        prose(name.as_str()),
        holds,
        code(volume.host_path.as_str()),
        format!("{placement} {}", code(volume.subvolume.as_str())),
        given(volume),
        if volume.snapshot { "yes" } else { "no" }.to_owned(),
    ]
}

fn given(volume: &VolumePlan) -> String {
    let mut given = Vec::new();
    if !volume.copy_on_write {
        given.push("nodatacow".to_owned());
    }
    match volume.compression {
        Some(Compression::None) => given.push("not compressed".to_owned()),
        Some(compression) => given.push(format!("compression {}", word(&compression))),
        None => {}
    }
    if let Some(limit) = volume.limit_bytes {
        given.push(format!("limit {}", ByteSize::from_bytes(limit)));
    }
    if given.is_empty() {
        "nothing of its own".to_owned()
    } else {
        given.join(", ")
    }
}

/// The word that the declaration uses for a value.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => prose(&word),
        Ok(other) => code(&other.to_string()),
        Err(error) => prose(&error.to_string()),
    }
}
