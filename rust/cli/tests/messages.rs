//! Each shape of message, as it looks in 80 columns.

#![expect(
    clippy::too_many_lines,
    clippy::needless_raw_string_hashes,
    clippy::needless_pass_by_value,
    reason = "`expect!` writes its texts with hashes; a test stops where it fails"
)]

mod common;

use std::path::Path;

use common::{directory_with, run, run_with};
use expect_test::{Expect, expect};

fn check(name: &str, content: &str, arguments: &[&str], expected: Expect) {
    let directory = directory_with(name, content);
    expected.assert_eq(&run(directory.path(), arguments).shown());
}

const SMALL: &str = r#"{
  filesystems.tank = { device = "/dev/disk/by-uuid/a"; mountPoint = "/srv/tank"; };
  workloads.shop = {
    containers.pg.image = "docker.io/library/postgres:17";
    volumes.pgdata = { mounts.pg = "/var/lib/postgresql/data"; copyOnWrite = false; };
    protection.policy = "gold";
  };
  policies.gold.rpo = "1h";
}
"#;

#[test]
fn a_wrong_value_in_nix_is_shown_in_its_line() {
    check(
        "host.nix",
        "{\n  filesystems.tank.device = \"/dev/sda\";\n  filesystems.tank.capacity = \"2TB\";\n  filesystms = { };\n}\n",
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB103

              × `2TB` is not a size: a whole number of bytes above 0, or one with K, M, G,
              │ T, P or E (powers of 1024), such as `200G`: the unit is written `T`
               ╭─[host.nix:3:31]
             2 │   filesystems.tank.device = "/dev/sda";
             3 │   filesystems.tank.capacity = "2TB";
               ·                               ──┬──
               ·                                 ╰── filesystems.tank.capacity
             4 │   filesystms = { };
               ╰────
              help: see `podman-btrfs schema spec` for what can stand here

            PB102

              × there is no option of this name at the top
               ╭─[host.nix:4:3]
             3 │   filesystems.tank.capacity = "2TB";
             4 │   filesystms = { };
               ·   ─────┬────
               ·        ╰── filesystms
             5 │ }
               ╰────
              help: did you mean `filesystems`?

            2 errors in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn something_missing_is_shown_at_what_lacks_it() {
    check(
        "host.nix",
        "{\n  targets = {\n    nas = { };\n  };\n}\n",
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB103

              × `url` is missing
               ╭─[host.nix:3:5]
             2 │   targets = {
             3 │     nas = { };
               ·     ─┬─
               ·      ╰── targets.nas
             4 │   };
               ╰────
              help: see `podman-btrfs schema spec` for what can stand here

            1 error in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_definition_given_twice_shows_both() {
    check(
        "host.nix",
        "{\n  workloads.a = { };\n  engine = { };\n  workloads.a.user = \"x\";\n  workloads.a.user = \"y\";\n}\n",
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB101

              × `user` is defined twice
               ╭─[host.nix:5:15]
             3 │   engine = { };
             4 │   workloads.a.user = "x";
               ·               ──┬─
               ·                 ╰── defined here already
             5 │   workloads.a.user = "y";
               ·               ──┬─
               ·                 ╰── here
             6 │ }
               ╰────
              help: keep one of the two definitions

            1 error in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn what_needs_evaluation_is_shown_where_it_stands() {
    check(
        "host.nix",
        "{ lib, ... }: {\n  services.podmanBtrfs.enable = lib.mkDefault true;\n}\n",
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB101

              × the call of `lib.mkDefault` needs evaluation, and this file is read
              │ without evaluating it
               ╭─[host.nix:2:33]
             1 │ { lib, ... }: {
             2 │   services.podmanBtrfs.enable = lib.mkDefault true;
               ·                                 ─────────┬────────
               ·                                          ╰── here
             3 │ }
               ╰────
              help: write the value itself, or use the NixOS module, or give the output of
                    `nix eval --json`

            1 error in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn what_needs_evaluation_hides_no_other_mistake() {
    check(
        "host.nix",
        "{ lib, ... }:\n{\n  filesystems.tank.device = lib.mkForce \"/dev/sda\";\n  filesystems.tank.capacity = \"2TB\";\n  targets.nas.url = lib.mkForce \"x\";\n  workload = { };\n}\n",
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB101

              × the call of `lib.mkForce` needs evaluation, and this file is read without
              │ evaluating it
               ╭─[host.nix:3:29]
             2 │ {
             3 │   filesystems.tank.device = lib.mkForce "/dev/sda";
               ·                             ───────────┬──────────
               ·                                        ╰── here
             4 │   filesystems.tank.capacity = "2TB";
               ╰────
              help: write the value itself, or use the NixOS module, or give the output of
                    `nix eval --json`

            PB103

              × `2TB` is not a size: a whole number of bytes above 0, or one with K, M, G,
              │ T, P or E (powers of 1024), such as `200G`: the unit is written `T`
               ╭─[host.nix:4:31]
             3 │   filesystems.tank.device = lib.mkForce "/dev/sda";
             4 │   filesystems.tank.capacity = "2TB";
               ·                               ──┬──
               ·                                 ╰── filesystems.tank.capacity
             5 │   targets.nas.url = lib.mkForce "x";
               ╰────
              help: see `podman-btrfs schema spec` for what can stand here

            PB101

              × the call of `lib.mkForce` needs evaluation, and this file is read without
              │ evaluating it
               ╭─[host.nix:5:21]
             4 │   filesystems.tank.capacity = "2TB";
             5 │   targets.nas.url = lib.mkForce "x";
               ·                     ───────┬───────
               ·                            ╰── here
             6 │   workload = { };
               ╰────
              help: write the value itself, or use the NixOS module, or give the output of
                    `nix eval --json`

            PB102

              × there is no option of this name at the top
               ╭─[host.nix:6:3]
             5 │   targets.nas.url = lib.mkForce "x";
             6 │   workload = { };
               ·   ────┬───
               ·       ╰── workload
             7 │ }
               ╰────
              help: did you mean `workloads`?

            4 errors in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_finding_about_json_names_the_option() {
    check(
        "host.json",
        "{\"filesystems\": {\"tank\": {\"disks\": \"/dev/sda\"}}}",
        &["check", "host.json"],
        expect![[r#"
            --- stdout
            PB103

              × filesystems.tank.disks: this is a string, and a list is wanted
              help: see `podman-btrfs schema spec` for what can stand here

            1 error in host.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn findings_as_json_have_lines_and_columns() {
    check(
        "host.nix",
        "{\n  filesystms = { };\n}\n",
        &["check", "--format", "json", "host.nix"],
        expect![[r#"
            --- stdout
            {
              "diagnostics": [
                {
                  "at": [
                    "filesystms"
                  ],
                  "code": "PB102",
                  "column": 3,
                  "file": "host.nix",
                  "help": "did you mean `filesystems`?",
                  "level": "error",
                  "line": 2,
                  "message": "there is no option of this name at the top",
                  "related": []
                }
              ]
            }
            --- exit 1
        "#]],
    );
    check(
        "host.json",
        "{\"filesystms\": {}}",
        &["plan", "--format", "json", "host.json"],
        expect![[r#"
            --- stdout
            {
              "diagnostics": [
                {
                  "at": [
                    "filesystms"
                  ],
                  "code": "PB102",
                  "help": "did you mean `filesystems`?",
                  "level": "error",
                  "message": "there is no option of this name at the top",
                  "related": []
                }
              ]
            }
            --- exit 1
        "#]],
    );
    check(
        "host.nix",
        SMALL,
        &["check", "--format", "json", "host.nix"],
        expect![[r#"
            --- stdout
            {
              "diagnostics": [
                {
                  "at": [
                    "workloads",
                    "shop",
                    "volumes",
                    "pgdata",
                    "copyOnWrite"
                  ],
                  "code": "PB404",
                  "column": 78,
                  "file": "host.nix",
                  "help": "remove this line, or set `rules.PB404.level` to allow if the price is known",
                  "level": "warn",
                  "line": 5,
                  "message": "without copy on write this volume has no checksums: behind each snapshot every block is copied once all the same",
                  "related": []
                },
                {
                  "at": [
                    "policies",
                    "gold"
                  ],
                  "code": "PB621",
                  "column": 12,
                  "file": "host.nix",
                  "help": "name a target in the policy, or set `snapshots.copied` where another tool sends copies away",
                  "level": "warn",
                  "line": 8,
                  "message": "`tank` is as far as is known one copy of the data on a device, its snapshots are blocks of the same one, and nothing leaves it: what ends the device ends both",
                  "related": []
                },
                {
                  "at": [
                    "host",
                    "podman"
                  ],
                  "code": "PB505",
                  "column": 1,
                  "file": "host.nix",
                  "help": "say what `podman --version` prints on the host",
                  "level": "note",
                  "line": 1,
                  "message": "not said, so storage.conf holds only what Podman 4, 5 and 6 all know",
                  "related": []
                },
                {
                  "at": [
                    "filesystems",
                    "tank"
                  ],
                  "code": "PB704",
                  "column": 15,
                  "file": "host.nix",
                  "help": "say filesystems.tank.capacity, workloads.shop.volumes.pgdata.size, workloads.shop.volumes.pgdata.churn",
                  "level": "note",
                  "line": 2,
                  "message": "whether its snapshots fit within a year is not known in full: 3 options are not said",
                  "related": []
                }
              ]
            }
            --- exit 0
        "#]],
    );
}

#[test]
fn a_line_too_long_for_a_terminal_is_cut_around_the_place() {
    let long = format!(
        "{{ a = \"{}\"; filesystms = {{ }}; b = \"{}\"; workloads = {{ }}; }}",
        "x".repeat(3000),
        "y".repeat(3000)
    );
    check(
        "host.nix",
        &long,
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB102

              × a: there is no option of this name at the top
              │ host.nix:1:3: …{ a = "xxxxxxxxxxxxxxxxxxxxxxxxx…
              help: one of: enable, engine, filesystems, host, planFile, policies, rules,
                    schemaVersion, targets, workloads

            PB102

              × filesystms: there is no option of this name at the top
              │ host.nix:1:3011: …xxxxxxxxxxxxxxxxxxxxxxxxxxx"; filesystms = { }; b =
              │ "yyyyyyy…
              help: did you mean `filesystems`?

            PB102

              × b: there is no option of this name at the top
              │ host.nix:1:3029: …xxxxxxxxx"; filesystms = { }; b =
              │ "yyyyyyyyyyyyyyyyyyyyyyyyy…
              help: one of: enable, engine, filesystems, host, planFile, policies, rules,
                    schemaVersion, targets, workloads

            3 errors in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_source_line_cannot_move_the_cursor() {
    let directory = directory_with("host.nix", "{\n  filesystms = \"\u{1b}[2J\u{9b}2J\";\n}\n");
    let run = run(directory.path(), &["check", "host.nix"]);
    assert_eq!(run.code, 1);
    assert!(
        !run.stdout.contains(['\u{1b}', '\u{9b}']),
        "{:?}",
        run.stdout
    );
}

#[test]
fn a_warning_stands_under_the_plan_and_does_not_fail_it() {
    check(
        "host.nix",
        SMALL,
        &["check", "host.nix"],
        expect![[r#"
            --- stdout
            PB404

              ⚠ without copy on write this volume has no checksums: behind each snapshot
              │ every block is copied once all the same
               ╭─[host.nix:5:78]
             4 │     containers.pg.image = "docker.io/library/postgres:17";
             5 │     volumes.pgdata = { mounts.pg = "/var/lib/postgresql/data"; copyOnWrite = false; };
               ·                                                                              ──┬──
               ·                                                                                ╰── workloads.shop.volumes.pgdata.copyOnWrite
             6 │     protection.policy = "gold";
               ╰────
              help: remove this line, or set `rules.PB404.level` to allow if the price is
                    known

            PB621

              ⚠ `tank` is as far as is known one copy of the data on a device, its
              │ snapshots are blocks of the same one, and nothing leaves it: what ends the
              │ device ends both
               ╭─[host.nix:8:12]
             7 │   };
             8 │   policies.gold.rpo = "1h";
               ·            ──┬─
               ·              ╰── policies.gold
             9 │ }
               ╰────
              help: name a target in the policy, or set `snapshots.copied` where another
                    tool sends copies away

            PB505

              ☞ not said, so storage.conf holds only what Podman 4, 5 and 6 all know
               ╭─[host.nix:1:1]
             1 │ {
               · ┬
               · ╰── host.podman is not in here
             2 │   filesystems.tank = { device = "/dev/disk/by-uuid/a"; mountPoint = "/srv/tank"; };
               ╰────
              help: say what `podman --version` prints on the host

            PB704

              ☞ whether its snapshots fit within a year is not known in full: 3 options
              │ are not said
               ╭─[host.nix:2:15]
             1 │ {
             2 │   filesystems.tank = { device = "/dev/disk/by-uuid/a"; mountPoint = "/srv/tank"; };
               ·               ──┬─
               ·                 ╰── filesystems.tank
             3 │   workloads.shop = {
               ╰────
              help: say filesystems.tank.capacity, workloads.shop.volumes.pgdata.size,
                    workloads.shop.volumes.pgdata.churn

            2 warnings, 2 notes in host.nix; `podman-btrfs explain CODE` tells more
            --- exit 0
        "#]],
    );
    let directory = directory_with("host.nix", SMALL);
    let run = run(directory.path(), &["plan", "host.nix"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("PB404"), "{}", run.stdout);
}

#[test]
fn nothing_wrong_is_said_in_a_line() {
    check(
        "host.nix",
        "{ }\n",
        &["check", "host.nix"],
        expect![[r#"
        --- stdout
        host.nix: nothing to say
        --- exit 0
    "#]],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_with_its_path() {
    check(
        "host.nix",
        "{ }",
        &["check", "other.nix"],
        expect![[r#"
        --- stderr
        podman-btrfs: cannot read other.nix: No such file or directory (os error 2)
        --- exit 2
    "#]],
    );
    check(
        "host.nix",
        "{ }",
        &["plan", "."],
        expect![[r#"
        --- stderr
        podman-btrfs: cannot read .: Is a directory (os error 21)
        --- exit 2
    "#]],
    );
}

#[test]
fn the_form_of_standard_input_is_seen_by_its_content() {
    for (text, code) in [
        ("{ filesystems.a.device = \"/dev/a\"; }", 0),
        ("{ \"filesystems\".a.device = \"/dev/a\"; }", 0),
        ("{\"filesystems\":{\"a\":{\"device\":\"/dev/a\"}}}", 0),
        ("{\"filesystems\":{\"a\":{\"device\":\"/dev/a\"}}", 1),
        ("{ a = 1; }", 1),
    ] {
        let run = run_with(common::command(Path::new("."), &["check", "-"]), text);
        assert_eq!(run.code, code, "{text}: {}{}", run.stdout, run.stderr);
        assert!(
            run.stdout.contains("standard input") || run.stdout.contains("not JSON"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn colours_are_for_terminals_and_boxes_for_utf8() {
    let directory = directory_with("host.nix", "{ filesystms = { }; }");
    let plain = run(directory.path(), &["check", "host.nix"]).stdout;
    assert!(plain.contains('╭') && !plain.contains('\u{1b}'), "{plain}");
    let mut command = common::command(directory.path(), &["check", "host.nix"]);
    command.env("LC_ALL", "C");
    let ascii = run_with(command, "").stdout;
    assert!(ascii.is_ascii(), "{ascii}");
}

#[test]
fn a_rule_is_explained_by_its_page() {
    let by_code = run(Path::new("."), &["explain", "pb404"]);
    let by_name = run(Path::new("."), &["explain", "nodatacow-at-a-price"]);
    assert_eq!(by_code.code, 0);
    assert_eq!(by_code.stdout, by_name.stdout);
    assert!(
        by_code.stdout.contains("## How to override"),
        "{}",
        by_code.stdout
    );
}

#[test]
fn a_volume_is_explained_by_its_decisions() {
    check(
        "host.nix",
        SMALL,
        &["explain", "shop/pgdata", "--file", "host.nix"],
        expect![[r#"
            --- stdout
            shop/pgdata
              Known
                Fact         Value                          Because
                copyOnWrite  no                             declared
                mounts.pg    /var/lib/postgresql/data       declared
                class        database                       inferred, sure: the image
                                                            postgres keeps it at
                                                            /var/lib/postgresql/data
                engine       postgresql                     inferred, sure: the image
                                                            postgres keeps it at
                                                            /var/lib/postgresql/data
                image        docker.io/library/postgres:17  inferred: pg mounts it at
                                                            /var/lib/postgresql/data
                filesystem   tank                           assumed: it is the only one
                policy       gold                           inferred: its workload follows
                                                            it
              Decided
                class = database
                    the image postgres keeps it at /var/lib/postgresql/data, PB201
                    evidence: certainty sure, image database: the image postgres keeps it at
                    /var/lib/postgresql/data, name database: the word pgdata in its name
                    says so, path database: the path /var/lib/postgresql above it holds that
                    in most images
                    would change with: another image, path or name, or `class` on the volume
                    becomes what `workloads.shop.volumes.pgdata.class` says
                    becomes not set with `workloads.shop.volumes.pgdata.engine = "mongodb"`
                    or `"sqlite"` or `"redis"`
                engine = postgresql
                    the image postgres keeps it at /var/lib/postgresql/data, and its engine
                    is postgresql, PB203
                    would change with: another image, or `engine` on the volume
                    becomes what `workloads.shop.volumes.pgdata.engine` says
                snapshot = yes
                    database cannot be had again once it is lost, PB204
                    evidence: class database
                    would change with: another class, or `snapshot` on the volume
                    rests on: class = database (PB201)
                    becomes what `workloads.shop.volumes.pgdata.snapshot` says
                    becomes no with `workloads.shop.volumes.pgdata.class = "cache"` or
                    `"build"` or `"package-store"` or `"workspace"` or `"scratch"`
                placement = group-directory
                    one snapshot of its group then shows it at the same moment as the other
                    volumes, PB302
                    evidence: limit none, snapshot yes
                    would change with: a `limit`, or being left out of the snapshots
                    rests on: snapshot = yes (PB204)
                    becomes own-subvolume with `workloads.shop.volumes.pgdata.class =
                    "cache"` or `"build"` or `"package-store"` or `"workspace"` or
                    `"scratch"`
                    becomes own-subvolume with `workloads.shop.volumes.pgdata.limit = "1G"`
                    or `"1T"`
                    becomes own-subvolume with `workloads.shop.volumes.pgdata.snapshot =
                    false`
                copyOnWrite = no
                    said by `workloads.shop.volumes.pgdata.copyOnWrite`
                    PB402 would choose yes: it is snapshotted, and behind each snapshot
                    every block is copied once all the same
                    evidence: class database, dataProfile unknown, engine postgresql,
                    engineChecksums no, snapshotted yes
                    would change with: another class or engine, `engineChecksums`, a policy
                    that snapshots it, another data profile, or `copyOnWrite`
                    rests on: class = database (PB201), engine = postgresql (PB203),
                    snapshot = yes (PB204), dataProfile of filesystem tank = not set (PB305)
                    becomes yes with `workloads.shop.volumes.pgdata.copyOnWrite = null` or
                    `true`
                compression = not set
                    files without copy on write are never compressed, and the property would
                    keep the attribute from being set, PB403
                    evidence: class database
                    would change with: another class, or `compression` on the volume
                    rests on: class = database (PB201)
                    becomes what `workloads.shop.volumes.pgdata.compression` says
                    becomes none with `workloads.shop.volumes.pgdata.copyOnWrite = null` or
                    `true`
              Told
                PB404: without copy on write this volume has no checksums: behind each
                snapshot every block is copied once all the same (remove this line, or set
                `rules.PB404.level` to allow if the price is known)
              On the host
                path: /srv/tank/shop/pgdata, a directory in the subvolume @volumes/shop
                filesystem: tank: /dev/disk/by-uuid/a, mounted with noatime,compress=zstd:1
                attributes: nodatacow (`chattr +C`): no checksums, no compression
                mounted by: pg at /var/lib/postgresql/data; its unit starts after the mount
                of /srv/tank/shop/pgdata
                snapshots: snapper takes them hourly (every 1h) and keeps all for 2h, then 7
                daily, 5 weekly
                copies: go nowhere: they share the fate of the filesystem
              Pages
                PB201 class by image path and name
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/class/class_by_image_path_and_name.md
                PB203 engine by image
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/class/engine_by_image.md
                PB204 snapshot by class
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/class/snapshot_by_class.md
                PB302 own subvolume for limit or tier
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/layout/own_subvolume_for_limit_or_tier.md
                PB402 nodatacow for unsnapshotted database
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/attributes/nodatacow_for_unsnapshotted_database.md
                PB403 compression by class
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/attributes/compression_by_class.md
                PB404 nodatacow at a price
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/attributes/nodatacow_at_a_price.md
            --- exit 0
        "#]],
    );
}

#[test]
fn a_policy_is_explained_by_its_decisions() {
    check(
        "host.nix",
        SMALL,
        &["explain", "gold", "host.nix"],
        expect![[r#"
            --- stdout
            policy gold
              Known
                Fact       Value  Because
                rpo        1h     declared
                followers  1      inferred: copies of workloads that follow it
              Decided
                schedule = hourly
                    1h may be lost, and this is the longest regular interval within it,
                    PB601
                    evidence: rpo 1h
                    would change with: another `rpo`
                    becomes daily with `policies.gold.rpo = null` or `"1d"`
                    becomes *:00/15 with `policies.gold.rpo = "15min"`
                    becomes weekly with `policies.gold.rpo = "30d"`
                keep = daily → 7, weekly → 5
                    a week of days and five weeks let a mistake be noticed a month later,
                    PB602
                    evidence: declared no
                    would change with: `keep` on the policy
                keepAllHours = 2
                    two intervals keep the newest snapshot and the one before it, whatever
                    the retention says, PB603
                    evidence: schedule hourly
                    would change with: another `rpo`
                    rests on: schedule = hourly (PB601)
                    becomes 48 with `policies.gold.rpo = null` or `"1d"`
                    becomes 1 with `policies.gold.rpo = "15min"`
                    becomes 336 with `policies.gold.rpo = "30d"`
                tool = snapper
                    nothing leaves the host, and snapper shows and undoes single changes,
                    PB604
                    evidence: followers 1, groups 0, targets 0
                    would change with: targets, another `rpo`, more copies of workloads,
                    what their groups ask for, or `tool`
                    becomes what `policies.gold.tool` says
                    becomes btrbk with `policies.gold.rpo = null` or `"15min"` or `"1d"` or
                    `"30d"`
                    becomes btrbk with `workloads.shop.replicas = 100`
              Told
                PB621: `tank` is as far as is known one copy of the data on a device, its
                snapshots are blocks of the same one, and nothing leaves it: what ends the
                device ends both (name a target in the policy, or set `snapshots.copied`
                where another tool sends copies away)
              On the host
                snapshots: snapper takes them hourly (every 1h) and keeps all for 2h, then 7
                daily, 5 weekly
                copies: go nowhere: they share the fate of the filesystem
              Pages
                PB601 schedule by rpo
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/protection/schedule_by_rpo.md
                PB602 retention as declared
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/protection/retention_as_declared.md
                PB603 all snapshots for two intervals
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/protection/all_snapshots_for_two_intervals.md
                PB604 tool by targets
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/protection/tool_by_targets.md
                PB621 snapshots beside their data
                  https://github.com/podman-btrfs/podman-btrfs/blob/main/rust/core/src/rules/protection/snapshots_beside_their_data.md
            --- exit 0
        "#]],
    );
}

#[test]
fn the_chain_and_the_page_have_a_json_form() {
    let directory = directory_with("host.nix", SMALL);
    let json = |arguments: &[&str]| -> serde_json::Value {
        let run = run(directory.path(), arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let chain = json(&["explain", "shop/pgdata", "host.nix", "--format", "json"]);
    let chain = &chain["explanations"][0];
    for part in ["facts", "decisions", "findings", "onHost", "pages"] {
        assert!(!chain[part].as_array().unwrap().is_empty(), "{part}");
    }
    let page = json(&["explain", "PB402", "--format", "json"]);
    assert_eq!(page["code"], "PB402");
    assert!(page["page"].as_str().unwrap().contains("## Why"));
    let decided = json(&["explain", "PB402", "host.nix", "--format", "json"]);
    assert_eq!(decided["decisions"][0]["field"], "copyOnWrite");
}

#[test]
fn what_nothing_was_decided_about_is_told() {
    check(
        "host.nix",
        SMALL,
        &["explain", "shop/pgdat", "host.nix"],
        expect![[r#"
            --- stderr
            nothing was decided about `shop/pgdat` in host.nix
              help: there are filesystem tank, engine, policy gold, shop, shop/pgdata
            --- exit 1
        "#]],
    );
    check(
        "host.nix",
        SMALL,
        &["explain", "shop/pgdata"],
        expect![[r#"
        --- stderr
        `shop/pgdata` is no rule's code or name
          help: of a subject of a declaration say the file too: `podman-btrfs explain shop/pgdata FILE`
        --- exit 1
    "#]],
    );
}
