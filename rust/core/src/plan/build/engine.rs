//! Podman's stores and their files.

use std::collections::BTreeMap;

use crate::analysis::{CONTAINERS, Facts, GRAPH_ROOT, RUN_ROOT};
use crate::plan::{
    ContainersConf, EnginePlan, FilesystemPlan, MountRole, StorageConf, StorageFiles, StorePlan,
    Subvolume, SubvolumeRole,
};
use crate::rules::{Choices, EngineChoices};
use crate::spec::Driver;
use crate::units::{HostPath, SubvolumePath, Text, UserName};

/// The stores, whose subvolumes join those of their filesystem. Empty where no filesystem holds any.
pub(super) fn plan(
    facts: &Facts,
    choices: &Choices,
    filesystems: &mut [FilesystemPlan],
) -> EnginePlan {
    let (Some(index), Ok(containers)) = (facts.engine_filesystem, HostPath::parse(CONTAINERS))
    else {
        return EnginePlan::default();
    };
    let Some(subvolume) = filesystems[index]
        .subvolume_of(MountRole::EngineStore)
        .cloned()
    else {
        return EnginePlan::default();
    };
    let chosen = &choices.engine;
    let name = facts.filesystems[index].name;
    let mut users = BTreeMap::new();
    for (user, store) in &facts.spec.engine.users {
        let own = subvolume.join(&format!("user-{user}"));
        let host_path = containers.join(&format!("user-{user}"));
        filesystems[index]
            .subvolumes
            .push(store_subvolume(&own, &host_path, Some(user)));
        users.insert(
            user.clone(),
            StorePlan {
                filesystem: name.clone(),
                subvolume: own,
                graph_root: host_path.join("storage"),
                uid: store.uid,
            },
        );
    }
    if let Some(Some(images)) = &chosen.image_store {
        let own = subvolume.join("images");
        filesystems[index]
            .subvolumes
            .push(store_subvolume(&own, images, None));
    }
    let Some(storage_conf) = storage_conf(facts, chosen, !users.is_empty()) else {
        return EnginePlan::default();
    };
    EnginePlan {
        system: Some(StorePlan {
            filesystem: name.clone(),
            subvolume,
            graph_root: storage_conf.graph_root.clone(),
            uid: None,
        }),
        users,
        storage_conf: Some(storage_conf),
        containers_conf: containers_conf(chosen, facts.spec.engine.num_locks),
        requires_mounts_for: chosen.required_mounts.clone().unwrap_or_default(),
    }
}

fn store_subvolume(
    path: &SubvolumePath,
    host_path: &HostPath,
    owner: Option<&UserName>,
) -> Subvolume {
    Subvolume {
        path: path.clone(),
        host_path: host_path.clone(),
        role: match owner {
            Some(_) => SubvolumeRole::UserStore,
            None => SubvolumeRole::ImageStore,
        },
        owner: owner.cloned(),
        mode: "0700".into(),
        limit_bytes: None,
    }
}

/// `None` only if a rule that must decide did not.
fn storage_conf(facts: &Facts, chosen: &EngineChoices, rootless: bool) -> Option<StorageConf> {
    let driver = chosen.driver?;
    Some(StorageConf {
        podman: facts.spec.host.podman.clone(),
        files: chosen.storage_files.unwrap_or(StorageFiles::OneFile),
        driver,
        graph_root: HostPath::parse(GRAPH_ROOT).ok()?,
        run_root: HostPath::parse(RUN_ROOT).ok()?,
        image_store: chosen.image_store.clone().flatten(),
        transient_store: chosen.transient_store == Some(true),
        rootless_storage_path: rootless.then(|| format!("{CONTAINERS}/user-$USER/storage")),
        additional_image_stores: facts.spec.engine.additional_image_stores.clone(),
        overlay_mount_options: (driver == Driver::Overlay).then(|| "nodev".into()),
        overlay_sync: chosen.layer_sync == Some(true),
        enable_partial_images: chosen.partial_images == Some(true),
        use_hard_links: chosen.hard_links == Some(true),
        convert_images: chosen.convert_images == Some(true),
    })
}

/// Absent where nothing is said. Locks that are declared hold also where no rule counted them.
fn containers_conf(chosen: &EngineChoices, declared: Option<u64>) -> Option<ContainersConf> {
    let conf = ContainersConf {
        num_locks: chosen.num_locks.or(declared),
        image_copy_tmp_dir: chosen.image_copy_directory.clone().flatten(),
    };
    (conf != ContainersConf::default()).then_some(conf)
}
