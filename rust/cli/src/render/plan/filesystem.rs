//! One filesystem: what it is, its tree, its mounts.

use podman_btrfs_core::plan::{FilesystemOrigin, FilesystemPlan, MountRole, Plan, QuotaMode};
use podman_btrfs_core::spec::Encryption;

use super::{title, tree};
use crate::output::Style;
use crate::render::table::{Table, paragraph};

pub(super) fn render(name: &str, filesystem: &FilesystemPlan, plan: &Plan, style: Style) -> String {
    let mut text = title(&format!("Filesystem {name}"), style);
    for line in about(filesystem) {
        text += &paragraph(&line, 2, style);
    }
    text.push('\n');
    text += &tree::render(name, filesystem, plan, style);
    text.push('\n');
    text += &mounts(filesystem, style);
    text.push('\n');
    text
}

fn about(filesystem: &FilesystemPlan) -> Vec<String> {
    let mut lines = Vec::new();
    match &filesystem.origin {
        FilesystemOrigin::New { disks, encryption } => {
            let how = match encryption {
                Some(Encryption::Luks) => "new, LUKS on",
                None => "new, on",
            };
            lines.extend(disks.iter().enumerate().map(|(position, disk)| {
                format!("{} {disk}", if position == 0 { how } else { "and" })
            }));
        }
        FilesystemOrigin::Existing => {
            lines.push(format!("exists on {}; never formatted", filesystem.device));
        }
    }
    let profile = |what: &str, profile: Option<podman_btrfs_core::spec::Profile>| {
        profile.map(|profile| format!("{what} {}", profile.name()))
    };
    let facts: Vec<String> = [
        profile("data", filesystem.data_profile),
        profile("metadata", filesystem.metadata_profile),
        filesystem.media.map(|media| media.name().to_owned()),
        filesystem.system.then(|| "holds the system".to_owned()),
        (filesystem.quota == QuotaMode::Simple).then(|| "simple quotas".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !facts.is_empty() {
        lines.push(facts.join(", "));
    }
    lines.push(format!(
        "on every mount: {}",
        filesystem.mount_options.join(",")
    ));
    lines
}

fn mounts(filesystem: &FilesystemPlan, style: Style) -> String {
    let mut table = Table::new(&["Mount point", "Subvolume", "For", "Also"]);
    for mount in &filesystem.mounts {
        let own: Vec<&str> = mount
            .options
            .iter()
            .filter(|option| {
                !filesystem.mount_options.contains(option) && !option.starts_with("subvol=")
            })
            .map(String::as_str)
            .chain(mount.needed_for_boot.then_some("needed for boot"))
            .collect();
        table.row([
            mount.mount_point.to_string(),
            mount.subvolume.to_string(),
            role(mount.role).to_owned(),
            own.join(","),
        ]);
    }
    table.render(2, style)
}

const fn role(role: MountRole) -> &'static str {
    match role {
        MountRole::System => "the system",
        MountRole::EngineStore => "Podman's stores",
        MountRole::Volumes => "volumes",
        MountRole::Snapshots => "snapshots",
        MountRole::Swap => "swap",
    }
}
