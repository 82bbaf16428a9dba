use podman_btrfs_core::plan::{self, Plan};
use podman_btrfs_core::spec::input::parse_json;
use podman_btrfs_core::units::{FilesystemName, Text as _};

use super::*;

const ID: &str = "00112233445566778899aabbccddeeff";
const OTHER: &str = "ffeeddccbbaa99887766554433221100";

fn plan() -> Plan {
    let json = r#"{"filesystems": {"tank": {"device": "/dev/disk/by-label/tank"}},
        "workloads": {"store": {"renamedFrom": "shop", "containers": {"web": {}}, "volumes": {"data": {"mounts": {"web": "/data"}}}}}}"#;
    plan::build(&parse_json(json).unwrap())
}

fn place(path: &str) -> Place {
    Place {
        filesystem: FilesystemName::parse("tank").unwrap(),
        path: path.into(),
    }
}

/// What `store/data` is taken for, by its marker, by the ledger's volumes, and by where else the identity lies.
fn judged(found: Option<(&str, &str)>, known: &[(&str, &str, &str)], elsewhere: bool) -> Verdict {
    let plan = plan();
    let all = Ledger::default().planned_on(&plan, &FilesystemName::parse("tank").unwrap());
    let mut ledger = Ledger::default();
    for (volume, id, path) in known {
        ledger.place(volume, id, place(path), 0);
    }
    let found = found.map(|(id, volume)| Marker {
        id: id.into(),
        volume: volume.into(),
    });
    judge(&all[0], found.as_ref(), &ledger, &|_, _| Ok(elsewhere)).unwrap()
}

const HERE: &str = "@volumes/store/data";

#[test]
fn the_volume_itself_also_under_its_former_name() {
    let is = Verdict::Is(ID.into());
    assert_eq!(
        judged(Some((ID, "store/data")), &[("store/data", ID, HERE)], false),
        is
    );
    assert_eq!(
        judged(
            Some((ID, "shop/data")),
            &[("shop/data", ID, "@volumes/shop/data")],
            false
        ),
        is
    );
}

#[test]
fn what_says_nothing_becomes_the_volume_that_is_known_or_a_new_one() {
    assert_eq!(
        judged(None, &[("store/data", ID, HERE)], false),
        Verdict::Is(ID.into())
    );
    assert_eq!(judged(None, &[], false), Verdict::New);
}

#[test]
fn a_restored_volume_of_a_lost_ledger_is_taken_by_its_name() {
    assert_eq!(
        judged(Some((ID, "store/data")), &[], false),
        Verdict::Is(ID.into())
    );
    assert_eq!(
        judged(
            Some((OTHER, "shop/data")),
            &[("store/data", ID, HERE)],
            false
        ),
        Verdict::Is(OTHER.into())
    );
}

#[test]
fn one_moved_by_hand_goes_on_and_a_copy_is_a_new_volume() {
    let known = [("old/data", ID, "@volumes/old/data")];
    assert_eq!(
        judged(Some((ID, "old/data")), &known, false),
        Verdict::Is(ID.into())
    );
    assert_eq!(judged(Some((ID, "old/data")), &known, true), Verdict::New);
}

#[test]
fn another_volume_is_never_taken_for_it() {
    let other =
        |verdict| matches!(verdict, Verdict::Other(because) if because.contains("blog/data"));
    assert!(
        other(judged(Some((OTHER, "blog/data")), &[], false)),
        "unknown"
    );
    let known = [
        ("store/data", ID, HERE),
        ("blog/data", OTHER, "@volumes/blog/data"),
    ];
    for elsewhere in [true, false] {
        assert!(other(judged(Some((OTHER, "blog/data")), &known, elsewhere)));
    }
}
