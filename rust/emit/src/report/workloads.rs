//! Workloads: where each volume lies and what it is given.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{
    ClassBasis, Instance, Placement, Plan, Subject, VolumePlan, WorkloadPlan,
};
use podman_btrfs_core::spec::{Compression, Consistency};
use podman_btrfs_core::units::{ByteSize, VolumeName, WorkloadName};
use serde::Serialize;

use crate::EmitError;

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) -> Result<(), EmitError> {
    if plan.workloads.is_empty() {
        return Ok(());
    }
    document.heading(2, "Workloads");
    let bases = plan.class_bases();
    let patterns = patterns(plan);
    for (name, workload) in &plan.workloads {
        let Some((first, further)) = workload.instances.split_first() else {
            continue;
        };
        document.heading(3, &prose(name.as_str()));
        let mut lines = properties(workload, first, further);
        if let Some(pattern) = patterns.get(name.as_str()) {
            lines.push(format!("writes {pattern}"));
        }
        if !lines.is_empty() {
            document.list(lines);
        }
        write_volumes(document, name, first, &bases)?;
    }
    Ok(())
}

/// How each workload writes, and what follows from it.
fn patterns(plan: &Plan) -> BTreeMap<&str, String> {
    let about_patterns = plan.decisions.iter().filter(|of| of.field == "pattern");
    about_patterns
        .filter_map(
            |decision| match (&decision.subject, decision.value.as_str()) {
                (Subject::Workload(name), Some(pattern)) => {
                    let told = format!("{}: {}", code(pattern), prose(&decision.reason));
                    Some((name.as_str(), told))
                }
                _ => None,
            },
        )
        .collect()
}

fn write_volumes(
    document: &mut Document,
    workload: &WorkloadName,
    first: &Instance,
    bases: &BTreeMap<(&str, &str), ClassBasis>,
) -> Result<(), EmitError> {
    let rows: Vec<_> = first
        .volumes
        .iter()
        .map(|(name, volume)| {
            let known = bases.get(&(workload.as_str(), name.as_str()));
            row(name, volume, known)
        })
        .collect::<Result<_, _>>()?;
    document.table(
        [
            "Volume",
            "Holds",
            "Known",
            "On the host",
            "Is",
            "Given",
            "In snapshots",
        ],
        rows,
    );
    Ok(())
}

fn properties(workload: &WorkloadPlan, first: &Instance, further: &[Instance]) -> Vec<String> {
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
        lines.push(format!(
            "a snapshot shows {}",
            shown_by_a_snapshot(consistency)
        ));
    }
    for (container, planned) in &first.containers {
        let image = planned
            .image
            .as_ref()
            .map_or_else(String::new, |image| format!(" of {}", code(image.as_str())));
        lines.push(format!("container {}{image}", prose(container.as_str())));
    }
    lines
}

fn shown_by_a_snapshot(consistency: Consistency) -> &'static str {
    match consistency {
        Consistency::None => "each volume at a moment of its own",
        Consistency::Crash => "all volumes at one moment, as after a power cut",
        Consistency::Application => "all volumes at one moment, with the applications quiesced",
    }
}

fn row(
    name: &VolumeName,
    volume: &VolumePlan,
    known: Option<&ClassBasis>,
) -> Result<[String; 7], EmitError> {
    let class = match &volume.class {
        Some(class) => word(class)?,
        None => "unknown".to_owned(),
    };
    let holds = match &volume.engine {
        Some(engine) => format!("{class} ({})", word(engine)?),
        None => class,
    };
    let placement = match volume.placement {
        Placement::GroupDirectory => "a directory in",
        Placement::OwnSubvolume => "the subvolume",
    };
    Ok([
        prose(name.as_str()),
        holds,
        known.map_or_else(String::new, how_known),
        code(volume.host_path.as_str()),
        format!("{placement} {}", code(volume.subvolume.as_str())),
        given(volume)?,
        if volume.snapshot { "yes" } else { "no" }.to_owned(),
    ])
}

/// How sure it is, and on what evidence.
fn how_known(basis: &ClassBasis) -> String {
    match basis.evidence {
        Some(evidence) => format!("{}: {}", basis.certainty, prose(evidence)),
        None => basis.certainty.to_owned(),
    }
}

fn given(volume: &VolumePlan) -> Result<String, EmitError> {
    let mut given = Vec::new();
    if !volume.copy_on_write {
        given.push("nodatacow".to_owned());
    }
    match volume.compression {
        Some(Compression::None) => given.push("not compressed".to_owned()),
        Some(compression) => given.push(format!("compression {}", word(&compression)?)),
        None => {}
    }
    if let Some(limit) = volume.limit_bytes {
        given.push(format!("limit {}", ByteSize::from_bytes(limit)));
    }
    if given.is_empty() {
        Ok("nothing of its own".to_owned())
    } else {
        Ok(given.join(", "))
    }
}

/// The word that the declaration uses for a value.
fn word<T: Serialize>(value: &T) -> Result<String, EmitError> {
    let value = serde_json::to_value(value)?;
    Ok(value
        .as_str()
        .map_or_else(|| code(&value.to_string()), prose))
}
