//! Everything that is stored, and what protects it.

use podman_btrfs_core::plan::{Cover, Covered, Plan, Stored};
use podman_btrfs_core::spec::{Access, Class};

use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan) {
    if plan.coverage.is_empty() {
        return;
    }
    document.heading(2, "Coverage");
    document.paragraph("Everything that is stored is under one policy, or under none for the reason that stands here.");
    document.table(
        [
            "What",
            "Holds",
            "Snapshot of",
            "Protected by",
            "Leaves the host for",
        ],
        plan.coverage.iter().map(row).collect(),
    );
    let notes: Vec<String> = plan.coverage.iter().flat_map(notes).collect();
    if !notes.is_empty() {
        document.list(notes);
    }
}

fn row(entry: &Covered) -> [String; 5] {
    let (snapshot, cover, targets) = match &entry.protection {
        Cover::Policy {
            policy,
            tool,
            targets,
            ..
        } => {
            let targets: Vec<String> = targets.iter().map(|name| prose(name.as_str())).collect();
            (
                code(entry.subvolume.as_str()),
                format!("{} ({})", prose(policy.as_str()), tool.name()),
                if targets.is_empty() {
                    "nowhere".to_owned()
                } else {
                    targets.join(", ")
                },
            )
        }
        Cover::Nothing { reason } => (
            "nothing".to_owned(),
            format!("nothing: {}", prose(reason)),
            "nowhere".to_owned(),
        ),
    };
    let class = entry.class.map_or("", Class::name).to_owned();
    [what(entry), class, snapshot, cover, targets]
}

fn what(entry: &Covered) -> String {
    let name = match &entry.what {
        Stored::Volume { workload, volume } => {
            format!("{}/{}", prose(workload.as_str()), prose(volume.as_str()))
        }
        Stored::ContainerLayers { workload } => {
            format!("outside of volumes in {}", prose(workload.as_str()))
        }
        Stored::EngineStore { user } => match user {
            Some(user) => format!("Podman's store of {}", prose(user.as_str())),
            None => "Podman's store".to_owned(),
        },
        Stored::System => code(entry.host_path.as_str()),
    };
    if entry.copies > 1 {
        format!("{name}, {} copies", entry.copies)
    } else {
        name
    }
}

/// Who else uses it, and what its snapshots lack.
fn notes(entry: &Covered) -> Vec<String> {
    let used = entry.used_by.iter().map(|user| {
        let does = match user.access {
            Access::ReadOnly => "reads",
            Access::ReadWrite => "writes to",
        };
        format!("{} {does} {}", prose(user.workload.as_str()), what(entry))
    });
    let without = entry.without.iter().map(|hidden| {
        format!(
            "{} holds an empty directory at {}, where {} is mounted",
            what(entry),
            code(&hidden.path),
            prose(&hidden.volume)
        )
    });
    used.chain(without).collect()
}
