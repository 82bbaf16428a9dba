//! Every parser of what a tool prints or a file holds, on damaged input: nothing ends the program, and what was understood can be
//! worked with. `PODMAN_BTRFS_INPUTS` sets how many inputs each gets; each is made from the number of the one before it, so that a
//! failure comes again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod damage;

use podman_btrfs_host::group::frozen::Frozen;
use podman_btrfs_host::group::record::Record;
use podman_btrfs_host::group::{generation, podman, staging};
use podman_btrfs_host::ledger::Ledger;
use podman_btrfs_host::marker::Marker;
use podman_btrfs_host::observe::{
    device_stats, du, mountinfo, quotas, snapshot_names, subvolumes, units, usage,
};
use podman_btrfs_host::receipt::Receipt;
use podman_btrfs_host::status::history::History;
use podman_btrfs_host::status::simulated;
use podman_btrfs_host::system::Extents;
use podman_btrfs_host::update::Journal;

use damage::each;

#[test]
fn mountinfo_of_any_kind() {
    let sample = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
        90 22 0:45 /@volumes /srv/My\\040Tank rw,noatime shared:2 master:3 - btrfs /dev/loop0 rw,compress=zstd:1,subvol=/@volumes\n";
    each(&[sample], |text| {
        if let Ok(mounts) = mountinfo::parse(text) {
            let _ = mountinfo::covering(&mounts, std::path::Path::new("/srv/My Tank/shop"));
        }
    });
}

#[test]
fn usage_of_any_kind() {
    let sample = "Overall:\n    Device size:\t 2147483648\n    Device missing:\t 0\n    Used:\t 294912\n\n\
        Data,RAID1: Size:107347968, Used:65536 (0.06%)\n   /dev/loop0\t 107347968\n\n\
        Metadata,DUP: Size:107347968, Used:131072 (0.12%)\n   /dev/loop0\t 107347968\n\n\
        Unallocated:\n   /dev/loop0\t 850657280\n   /dev/mapper/a name\t 650657280\n";
    each(&[sample], |text| {
        if let Some(space) = usage::parse(text) {
            let _ = (space.room(), space.capacity(), space.wanted(None));
            let _ = (space.data_left(), space.metadata_left(), space.little());
        }
    });
}

#[test]
fn lists_of_subvolumes_of_any_kind() {
    let all = "ID 256 gen 7 parent 5 top level 5 parent_uuid - received_uuid - uuid ede86707-16b0-b441-92ee-5299f5b75212 path <FS_TREE>/@v\n\
        ID 257 gen 7 parent 256 top level 256 parent_uuid - received_uuid - uuid 98d3d7bc-dadd-b240-9f6a-18df6ad21dcb path @v/a shop\n";
    let read_only = "ID 257 gen 7 top level 256 path @v/a shop\n";
    each(&[all, read_only], |text| {
        drop(subvolumes::parse(text, read_only));
        drop(subvolumes::parse(all, text));
    });
}

#[test]
fn limits_of_any_kind() {
    let old = "qgroupid rfer excl max_rfer \n-------- ---- ---- -------- \n0/5 16384 16384 none \n0/257 16384 16384 104857600 \n1/0 0 0 none\n";
    let new =
        "Qgroupid Referenced Exclusive Max referenced Path \n0/257 16384 16384 104857600 @v/shop\n";
    each(&[old, new], |text| drop(quotas::parse(text)));
}

#[test]
fn counters_of_devices_of_any_kind() {
    let sample = "[/dev/mapper/a].write_io_errs    0\n[devid:2].corruption_errs  18446744073709551615\n[devid:2].read_io_errs 3\n";
    each(&[sample], |text| drop(device_stats::parse(text)));
}

#[test]
fn sizes_of_subvolumes_of_any_kind() {
    let sample = "     Total   Exclusive  Set shared  Filename\n   1982464         512     1982464  /a b/one\n         0           0           0  /two\n";
    each(&[sample], |text| drop(du::parse(text, 2)));
}

#[test]
fn units_of_any_kind() {
    let sample = "LoadState=loaded\nActiveState=active\nLastTriggerUSec=@1790000000\n\n\
        LoadState=not-found\nActiveState=inactive\nExecMainStartTimestamp=\n";
    each(&[sample], |text| {
        drop(units::parse(text, &["a.timer", "b.service"]));
    });
}

#[test]
fn names_of_snapshots_and_markers_of_any_kind() {
    each(
        &["shop.20261123T120000+0100", "a.b.20261123T120000+0000_2"],
        |text| {
            let _ = snapshot_names::btrbk(text);
        },
    );
    each(
        &["1 00112233445566778899aabbccddeeff shop@2/pgdata"],
        |text| {
            if let Some(marker) = Marker::parse(text) {
                assert_eq!(marker.to_string(), text, "another form means the same");
            }
        },
    );
}

#[test]
fn what_snapshots_say_of_themselves_of_any_kind() {
    let one = r#"{"version":1,"id":"00112233445566778899aabbccddeeff","workload":"shop","copy":"shop@2","taken":1795763584,"members":["shop@2",
        "shop@2+cache"],"wanted":"application","reached":"crash","frozenMilliseconds":123,"reason":"schedule","hooks":[{"container":"db",
        "engine":"postgresql","outcome":"held","position":"0/3000028"}],"images":{"db":"sha256:aa"}}"#;
    each(&[one], |text| {
        let Ok(record) = Record::parse(text) else {
            return;
        };
        for series in &record.members {
            assert!(
                !series.contains('/') && !series.starts_with('.'),
                "{series} leads out"
            );
        }
        if let Ok(again) = record.text() {
            assert!(again.len() <= 3000, "{again}");
            assert!(Record::parse(&again).is_ok(), "{again}");
        }
    });
}

#[test]
fn what_is_frozen_and_what_podman_lists_of_any_kind() {
    let id = "a".repeat(64);
    let frozen = format!(
        r#"{{"frozenVersion":1,"id":"00","copy":"shop","until":3000,"containers":[{{"container":"pg","id":"{id}","user":"alice","unit":null}}],
        "releases":[{{"container":"pg","id":"{id}","user":null,"what":{{"command":["thaw"]}},"seconds":30}}]}}"#
    );
    each(&[&frozen], |text| {
        if let Ok(frozen) = Frozen::parse(text) {
            let held = frozen.containers.iter().map(|held| &held.id);
            for id in held.chain(frozen.releases.iter().map(|release| &release.id)) {
                assert!(id.len() == 64 && !id.starts_with('-'), "{id} is an option");
            }
        }
    });
    let listed = format!(
        r#"[{{"Id":"{id}","Names":["pg"],"State":"running","ImageID":"aa","Labels":{{"PODMAN_SYSTEMD_UNIT":"podman-pg.service"}},"Pid":3}}]"#
    );
    each(&[&listed], |text| {
        for seen in podman::parse(text).unwrap_or_default().values() {
            assert_eq!(seen.id.len(), 64);
        }
    });
    let shown = "shop\n\tName: \t\t\tshop\n\tGeneration: \t\t12\n\tGen at creation: \t7\n\tFlags: \t\t\t-\n";
    each(&[shown], |text| {
        let _ = generation::parse(text);
    });
    let name = staging::name("00112233445566778899aabbccddeeff", "shop@2+cache");
    each(&[&name], |text| {
        if let Some((id, series)) = staging::parse(text) {
            assert_eq!(staging::name(id, series), text);
        }
    });
}

#[test]
fn ledgers_and_receipts_of_any_kind() {
    let ledger = r#"{"ledgerVersion": 1, "filesystems": {"tank": "u"}, "volumes": {"shop/pgdata": {"id": "1", "place": {"filesystem": "tank",
        "path": "@volumes/shop/pgdata"}, "since": 5, "was": ["old/pgdata"]}}, "left": [{"volume": "a/b", "id": "2", "place": {"filesystem":
        "tank", "path": "@volumes/a"}, "since": 1, "graceUntil": 2, "why": "removed", "lastSnapshot": {"path": "@s/x", "taken": true}, "retiring": false}]}"#;
    each(&[ledger], |text| {
        if let Ok(ledger) = Ledger::parse(text) {
            let again = serde_json::to_string(&ledger).unwrap();
            assert_eq!(Ledger::parse(&again).unwrap(), ledger);
            let paths = ledger.volumes.values().map(|entry| &entry.place.path);
            for path in paths.chain(ledger.left.iter().map(|left| &left.place.path)) {
                let parts = || path.split('/');
                assert!(
                    !parts().any(|part| part == ".." || part.is_empty()),
                    "{path} leads out"
                );
            }
        }
    });
    each(&[include_str!("../receipts/1.json")], |text| {
        drop(Receipt::parse(text));
    });
}

/// Names in it become arguments of programs.
#[test]
fn journals_of_updates_of_any_kind() {
    let image = format!("sha256:{}", "a1".repeat(32));
    let id = "00112233445566778899aabbccddeeff";
    let text = format!(
        r#"{{"journalVersion":1,"id":"{id}","copies":["shop"],"changes":[{{"user":"alice","reference":"localhost/pg:1","source":null,"pull":true,
        "containers":["sql"],"old":"{image}","was":null,"new":"{image}"}}],"images":{{}},"started":5,"windowSeconds":9,"stage":"starting",
        "units":[],"snapshots":{{"shop":"{id}"}},"begun":6,"why":null}}"#
    );
    assert!(Journal::parse(&text).is_ok());
    each(&[&text], |text| {
        let Ok(journal) = Journal::parse(text) else {
            return;
        };
        for change in &journal.changes {
            let words = [
                change.reference.as_str(),
                change.containers[0].as_str(),
                &change.old,
            ];
            assert!(
                words
                    .iter()
                    .all(|word| !word.starts_with('-') && !word.contains(char::is_whitespace)),
                "{words:?}"
            );
        }
        assert!(journal.snapshots.values().all(|id| id.len() == 32));
    });
}

#[test]
fn sizes_by_day_of_any_kind() {
    let sample = r#"{"at":1790000000,"filesystems":{"tank":{"uuid":"u","data":4096}},"volumes":{"shop/pgdata":18446744073709551615}}
{"at":1790086400,"filesystems":{"tank":{"uuid":"u","data":8192}},"volumes":{"shop/pgdata":0}}
"#;
    each(&[sample], |text| {
        let history = History::parse(text);
        let _ = history.of_filesystem("tank", "u");
        let _ = history.of_volume("tank", "u", "shop/pgdata");
    });
}

#[test]
fn simulations_of_any_kind() {
    let sample = r#"{"begin": "2027-01-01", "days": 366, "filesystems": {"tank": {"fullOnDay": 7, "notSaid": ["a"], "months": []}}, "jobs": {}}"#;
    each(&[sample], |text| drop(simulated(text)));
}

/// Items are bytes: a text gives them, and what kind they are said to be.
#[test]
fn items_of_trees_of_any_kind() {
    let name = "12345678\u{6}\0pgdata12345678\u{2}\0ab";
    let data = "1234567812345678\u{3}\0\0\0\u{1}1234567812345678123456781234567812345678";
    each(&[name, data], |text| {
        for kind in [1, 12, 13, 108, u32::MAX] {
            let mut found = Extents::default();
            let understood = found.add(257, kind, 256, text.as_bytes()).is_some();
            let is_one = found.data.len() <= 1;
            assert!(is_one && (understood || kind != 108 || found.data.is_empty()));
        }
    });
}
