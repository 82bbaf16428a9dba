//! Filesystems: what they are, their subvolumes, their mounts; and Podman's stores.

use std::fmt::Write;

use podman_btrfs_core::plan::{
    FilesystemOrigin, FilesystemPlan, Plan, QuotaMode, StorePlan, Subvolume, SubvolumeRole,
};
use podman_btrfs_core::spec::Profile;
use podman_btrfs_core::units::{ByteSize, FilesystemName};

use super::copies::Copies;
use super::markdown::{Document, code, prose};

pub(super) fn write(document: &mut Document, plan: &Plan, copies: &Copies<'_>) {
    for (name, filesystem) in &plan.filesystems {
        document.heading(2, &format!("Filesystem {}", prose(name.as_str())));
        document.list(properties(filesystem));
        document.heading(3, "Subvolumes");
        document.preformatted(&tree(name, filesystem, copies));
        document.heading(3, "Mounts");
        document.table(["Mount point", "Subvolume", "Options"], mounts(filesystem));
    }
    write_engine(document, plan);
}

fn properties(filesystem: &FilesystemPlan) -> Vec<String> {
    let mut items = Vec::new();
    match &filesystem.origin {
        FilesystemOrigin::New { disks, encryption } => {
            let disks: Vec<_> = disks.iter().map(|disk| code(disk.as_str())).collect();
            let encrypted = encryption.map_or("", |_| ", encrypted with LUKS");
            items.push(format!(
                "made by an installation on {}{encrypted}",
                disks.join(", ")
            ));
            items.push(format!("label {}", code(&filesystem.label)));
        }
        FilesystemOrigin::Existing => items.push("exists; it is never formatted".to_owned()),
    }
    items.push(format!("mounted as {}", code(filesystem.device.as_str())));
    let profile = |profile: Option<Profile>| profile.map_or("as it is", Profile::name);
    items.push(format!(
        "data {}, metadata {}",
        profile(filesystem.data_profile),
        profile(filesystem.metadata_profile)
    ));
    if let Some(media) = filesystem.media {
        items.push(format!("medium {}", media.name()));
    }
    if !filesystem.mount_options.is_empty() {
        items.push(format!(
            "options of the whole filesystem, the same on every mount: {}",
            code(&filesystem.mount_options.join(","))
        ));
    }
    items.push(match filesystem.quota {
        QuotaMode::None => "no quotas".to_owned(),
        QuotaMode::Simple => "simple quotas".to_owned(),
        QuotaMode::Watched => "no quotas: limits are watched, not enforced".to_owned(),
    });
    items
}

/// The subvolumes as an indented tree. They are ordered with parents first, so a subvolume's place is
/// below the last one that its path begins with.
fn tree(name: &FilesystemName, filesystem: &FilesystemPlan, copies: &Copies<'_>) -> String {
    let mut rows = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for subvolume in &filesystem.subvolumes {
        let path = subvolume.path.as_str();
        if copies.is_folded(name.as_str(), path) {
            continue;
        }
        while above.last().is_some_and(|parent| !is_below(path, parent)) {
            above.pop();
        }
        let shown = above
            .last()
            .map_or(path, |parent| &path[parent.len() + 1..]);
        let indented = format!("{}{shown}", "  ".repeat(above.len() + 1));
        rows.push((indented, notes(name, subvolume, copies)));
        above.push(path);
    }
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    let mut text = format!("{name}\n");
    for (left, notes) in rows {
        let _ = writeln!(text, "{left:width$}  {notes}");
    }
    text
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn notes(name: &FilesystemName, subvolume: &Subvolume, copies: &Copies<'_>) -> String {
    let mut notes = vec![
        role(subvolume.role).to_owned(),
        format!("at {}", subvolume.host_path),
    ];
    let owner = subvolume
        .owner
        .as_ref()
        .map_or("root", |owner| owner.as_str());
    notes.push(format!("{owner} {}", subvolume.mode));
    if let Some(limit) = subvolume.limit_bytes {
        notes.push(format!("limit {}", ByteSize::from_bytes(limit)));
    }
    match copies.behind(name.as_str(), subvolume.path.as_str()) {
        0 => {}
        1 => notes.push("and 1 more copy".to_owned()),
        count => notes.push(format!("and {count} more copies")),
    }
    notes.join(", ")
}

fn role(role: SubvolumeRole) -> &'static str {
    match role {
        SubvolumeRole::System => "system",
        SubvolumeRole::EngineStores => "Podman's stores",
        SubvolumeRole::UserStore => "a user's store",
        SubvolumeRole::ImageStore => "images",
        SubvolumeRole::Volumes => "volumes",
        SubvolumeRole::Snapshots => "snapshots",
        SubvolumeRole::Swap => "swap file",
        SubvolumeRole::Group => "consistency group",
        SubvolumeRole::Volume => "volume",
        SubvolumeRole::SnapperSnapshots => "snapper's snapshots",
    }
}

fn mounts(filesystem: &FilesystemPlan) -> Vec<[String; 3]> {
    filesystem
        .mounts
        .iter()
        .map(|mount| {
            [
                code(mount.mount_point.as_str()),
                code(mount.subvolume.as_str()),
                code(&mount.options.join(",")),
            ]
        })
        .collect()
}

fn write_engine(document: &mut Document, plan: &Plan) {
    let engine = &plan.engine;
    let mut items: Vec<String> = engine
        .storage_conf
        .iter()
        .map(|conf| format!("driver {}", code(conf.driver.name())))
        .collect();
    let store = |owner: String, store: &StorePlan| {
        format!(
            "{owner}: {} in subvolume {} of {}",
            code(store.graph_root.as_str()),
            code(store.subvolume.as_str()),
            prose(store.filesystem.as_str())
        )
    };
    items.extend(
        engine
            .system
            .iter()
            .map(|system| store("the system's store".to_owned(), system)),
    );
    items.extend(
        engine.users.iter().map(|(user, of_user)| {
            store(format!("the store of {}", prose(user.as_str())), of_user)
        }),
    );
    if !items.is_empty() {
        document.heading(2, "Podman's storage");
        document.list(items);
    }
}
