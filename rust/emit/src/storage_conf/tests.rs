use std::collections::BTreeMap;

use expect_test::expect;
use podman_btrfs_core::plan::StorePlan;

use super::*;
use crate::fixtures::{artefact, existing_device, parse, single_disk};

/// Everything that can be said, for one Podman.
fn all_of_it(podman: Option<&str>) -> Plan {
    let mut plan = single_disk();
    let conf = plan.engine.storage_conf.as_mut().unwrap();
    conf.podman = podman.map(parse);
    let valid = |key| storage_conf::is_valid(key, conf.podman.as_ref());
    let (image_store, transient, convert, sync) = (
        valid("imagestore"),
        valid("transient_store"),
        valid("options.pull_options.convert_images"),
        valid("options.overlay.sync"),
    );
    conf.files = if valid("rootless_storage_path") {
        StorageFiles::OneFile
    } else {
        StorageFiles::DropIns
    };
    conf.image_store = image_store.then(|| parse("/var/lib/containers/images"));
    conf.additional_image_stores = vec![parse("/srv/images")];
    conf.transient_store = transient;
    conf.convert_images = convert;
    conf.overlay_sync = sync;
    conf.use_hard_links = true;
    conf.enable_partial_images = true;
    let store = |uid| StorePlan {
        filesystem: parse("tank"),
        subvolume: parse("@podman/user"),
        graph_root: parse("/var/lib/containers/user/storage"),
        uid,
    };
    plan.engine.users = BTreeMap::from([
        (parse("alice"), store(Some(1000))),
        (parse("bob"), store(None)),
    ]);
    plan
}

/// The paths and values of all keys of a table.
fn keys(table: &Table, above: &str, found: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        if let Value::Table(inner) = value {
            keys(inner, &format!("{above}{name}."), found);
        } else {
            found.insert(format!("{above}{name}"), value.clone());
        }
    }
}

#[test]
fn booleans_below_the_options_are_texts() {
    expect![[r##"
            # Written by podman-btrfs from its plan: containers-storage.conf(5).

            [storage]
            driver = "overlay"
            graphroot = "/var/lib/containers/storage"
            rootless_storage_path = "/var/lib/containers/users/$USER/storage"
            runroot = "/run/containers/storage"

            [storage.options.overlay]
            mountopt = "nodev"

            [storage.options.pull_options]
            enable_partial_images = "false"
        "##]]
    .assert_eq(&artefact(&single_disk(), "storage.conf"));
}

#[test]
fn every_version_gets_keys_that_it_knows_with_the_types_that_it_takes() {
    for podman in [
        None,
        Some("4.0"),
        Some("4.3.1"),
        Some("4.4"),
        Some("4.6"),
        Some("4.9"),
        Some("5.0"),
        Some("5.4.2"),
        Some("5.8"),
        Some("6.0.0-rc1"),
        Some("6.1.3"),
        Some("7.0"),
    ] {
        let plan = all_of_it(podman);
        let version = plan.engine.storage_conf.clone().unwrap().podman;
        for made in emit(&plan).unwrap() {
            let read: Table = made.text.parse().unwrap();
            let mut found = BTreeMap::new();
            keys(read["storage"].as_table().unwrap(), "", &mut found);
            assert!(!found.is_empty(), "{podman:?} {}", made.path);
            for (path, value) in found {
                let key = storage_conf::find(&path).unwrap_or_else(|| panic!("{path}"));
                assert!(key.is_valid_for(version.as_ref()), "{podman:?}: {path}");
                assert!(takes(key, &value), "{podman:?}: {path} = {value}");
            }
        }
    }
}

#[test]
fn every_key_of_the_table_is_written_for_some_version() {
    let mut written = BTreeMap::new();
    for podman in ["5.8", "6.0"] {
        for made in emit(&all_of_it(Some(podman))).unwrap() {
            let read: Table = made.text.parse().unwrap();
            keys(read["storage"].as_table().unwrap(), "", &mut written);
        }
    }
    let written: Vec<&str> = written.keys().map(String::as_str).collect();
    let known: Vec<&str> = storage_conf::KEYS.iter().map(|key| key.path).collect();
    assert_eq!(written, known);
}

#[test]
fn a_key_that_the_version_does_not_know_is_refused() {
    let mut plan = single_disk();
    let conf = plan.engine.storage_conf.as_mut().unwrap();
    conf.podman = Some(parse("5.8"));
    conf.overlay_sync = true;
    let error = emit(&plan).unwrap_err().to_string();
    assert!(
        error.contains("options.overlay.sync") && error.contains("5.8"),
        "{error}"
    );
}

#[test]
fn podman_6_finds_no_place_in_the_main_file() {
    let plan = all_of_it(Some("6.0"));
    let main = artefact(&plan, "storage.conf");
    for key in [
        "graphroot",
        "runroot",
        "imagestore",
        "rootless_storage_path",
        "transient_store",
    ] {
        assert!(!main.contains(key), "{key} in\n{main}");
    }
    expect![[r##"
        # Written by podman-btrfs from its plan: containers-storage.conf(5).

        [storage]
        graphroot = "/var/lib/containers/storage"
        imagestore = "/var/lib/containers/images"
        runroot = "/run/containers/storage"
        transient_store = true

        [storage.options]
        additionalimagestores = ["/srv/images"]
    "##]]
    .assert_eq(&artefact(
        &plan,
        "storage.rootful.conf.d/50-podman-btrfs.conf",
    ));
}

#[test]
fn podman_6_finds_a_users_store_by_number_and_the_others_by_name() {
    let plan = all_of_it(Some("6.0"));
    let graph_root = |path: &str| {
        let read: Table = artefact(&plan, path).parse().unwrap();
        read["storage"]["graphroot"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        graph_root("storage.rootless.conf.d/1000/50-podman-btrfs.conf"),
        "/var/lib/containers/user/storage"
    );
    assert_eq!(
        graph_root("storage.rootless.conf.d/50-podman-btrfs.conf"),
        "/var/lib/containers/users/$USER/storage"
    );
}

#[test]
fn it_says_as_toml_what_was_meant_whatever_the_texts_hold() {
    let mut plan = single_disk();
    let conf = plan.engine.storage_conf.as_mut().unwrap();
    conf.rootless_storage_path = Some("/a\"b\\c\n$USER".into());
    let read: Table = artefact(&plan, "storage.conf").parse().unwrap();
    assert_eq!(
        read["storage"]["rootless_storage_path"].as_str(),
        Some("/a\"b\\c\n$USER")
    );
}

#[test]
fn one_text_for_any_podman_holds_only_what_all_know() {
    let plan = all_of_it(Some("6.0"));
    let text = storage_conf_for_any_podman(plan.engine.storage_conf.as_ref().unwrap()).unwrap();
    let read: Table = text.parse().unwrap();
    let mut found = BTreeMap::new();
    keys(read["storage"].as_table().unwrap(), "", &mut found);
    assert!(found.contains_key("graphroot"));
    assert!(
        found.keys().all(|key| storage_conf::is_valid(key, None)),
        "{found:?}"
    );
}

#[test]
fn a_host_without_a_store_has_none() {
    assert_eq!(emit(&existing_device()).unwrap(), []);
}
