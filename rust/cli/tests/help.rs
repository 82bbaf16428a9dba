//! What `--help` says, and that the generated texts name all that there is.

#![expect(
    clippy::needless_raw_string_hashes,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    reason = "`expect!` writes its texts with hashes; a test stops where it fails"
)]

mod common;

use std::path::Path;

use expect_test::{Expect, expect};

fn check(arguments: &[&str], expected: Expect) {
    // Clap fills empty lines with blanks here and there.
    let shown = common::run(Path::new("."), arguments).shown();
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn the_program_says_what_it_can_do() {
    check(
        &["--help"],
        expect![[r#"
            --- stdout
            Decides how Btrfs holds Podman workloads, says why, and keeps it true

            Usage: podman-btrfs <COMMAND>

            Commands:
              plan           Plan a declaration: layout, mounts, schedules, and the reasons
              check          Tell what is wrong with a declaration, all of it at once
              explain        Print a rule's page, or why each choice about a subject was
                             made
              diff           Tell what would change on the host between two declarations or
                             plans, and what is dangerous in it
              schema         Print the JSON Schema of declarations or of plans
              apply          Make what a plan says and this host lacks; look before each
                             step
              retire         List what was left behind by workloads and volumes that are no
                             longer declared, or delete it by its name
              migrate        Move a volume's data to where it is planned, or make it anew
                             with its planned attributes; what uses it stops shortly
              migrate-store  Move Podman's store of root to the planned driver: images,
                             volumes and secrets; its containers stop shortly
              restore        Put what a snapshot holds in place of a workload's data, or
                             beside it, or single files of it; keep what was there
              recover        Bring all workloads of a lost host back from a target to a new
                             one that has none of their data; replace nothing
              undo           Take the last restore of a workload back, or the last undo
              drill          Restore the newest snapshot of workloads into a throw-away
                             place, here or from a target, and prove that it comes back
              update         Replace the image that a workload runs; where the new one does
                             not do, put the old image and the old data back together
              doctor         Tell what this host has otherwise than planned, and who or what
                             mends it; change nothing
              copies         Tell what copies lie at each target, whether the next send can
                             be a difference, and what is wrong with them
              status         Show what is there and what it takes: by filesystem, workload
                             and volume, with snapshots, growth and time to full
              verify         Tell whether what containers mount lies where it was planned,
                             as their units ask before each start
              metrics        Print what a monitoring system is told of this host: space,
                             errors, ages of snapshots, the last `apply`
              upkeep         Scrub, trim or balance one filesystem, as the plan's timers do;
                             a balance only as far as it is needed
              snapshot       Take a snapshot of all volumes of a workload at one moment, its
                             applications quiesced as the plan says
              thaw           Let everything go on that a snapshot which was ended in the
                             middle left standing still
              emergency      Propose safe steps where a filesystem is full, in the order in
                             which they can be taken, or take one of them
              rehearse       Play the whole life of a declaration on a throw-away Btrfs,
                             with real containers (as root)
              completions    Print completions for a shell
              help           Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Exit codes: 0 fine, 1 findings or drift, 2 the tool or the machine failed.
            --- exit 0
        "#]],
    );
}

#[test]
fn each_command_says_what_it_takes() {
    check(
        &["plan", "--help"],
        expect![[r#"
            --- stdout
            Plan a declaration: layout, mounts, schedules, and the reasons

            Usage: podman-btrfs plan [OPTIONS] <FILE>

            Arguments:
              <FILE>
                      The declaration: a `.nix` or `.json` file, or `-` for standard input

            Options:
                  --format <FORMAT>
                      How to print the plan

                      Possible values:
                      - text:   For people
                      - json:   For programs
                      - bundle: For the NixOS module: the plan with values of NixOS options,
                        to commit as its `planFile`

                      [default: text]

                  --out <DIR>
                      Write all artefacts into this directory, and print where

                  --simulate[=<DAYS>]
                      Show a simulated year instead, or so many days: snapshots taken and
                      kept, what they hold, when it is full

                  --from <DATE>
                      The first day of the simulation

                      [default: 2027-01-01]

              -h, --help
                      Print help (see a summary with '-h')
            --- exit 0
        "#]],
    );
    check(
        &["check", "--help"],
        expect![[r#"
        --- stdout
        Tell what is wrong with a declaration, all of it at once

        Usage: podman-btrfs check [OPTIONS] <FILE>

        Arguments:
          <FILE>
                  The declaration: a `.nix` or `.json` file, or `-` for standard input

        Options:
              --format <FORMAT>
                  How to print the findings

                  Possible values:
                  - text: For people
                  - json: For programs

                  [default: text]

          -h, --help
                  Print help (see a summary with '-h')
        --- exit 0
    "#]],
    );
    check(
        &["explain", "--help"],
        expect![[r#"
            --- stdout
            Print a rule's page, or why each choice about a subject was made

            Usage: podman-btrfs explain [OPTIONS] <SUBJECT> [FILE]

            Arguments:
              <SUBJECT>
                      A rule's code or name (`PB301`), or a subject: `shop`, `shop/pgdata`,
                      `engine`, the name of a filesystem or policy

              [FILE]
                      The declaration that the subject is in

            Options:
                  --file <FILE>
                      The same as FILE

                  --format <FORMAT>
                      How to print the chain, or the page

                      Possible values:
                      - text: For people
                      - json: For programs

                      [default: text]

              -h, --help
                      Print help (see a summary with '-h')
            --- exit 0
        "#]],
    );
    check(
        &["schema", "--help"],
        expect![[r#"
        --- stdout
        Print the JSON Schema of declarations or of plans

        Usage: podman-btrfs schema <OF>

        Arguments:
          <OF>
                  Of what

                  Possible values:
                  - spec: Declarations
                  - plan: Plans

        Options:
          -h, --help
                  Print help (see a summary with '-h')
        --- exit 0
    "#]],
    );
    check(
        &["apply", "--help"],
        expect![[r#"
            --- stdout
            Make what a plan says and this host lacks; look before each step

            Usage: podman-btrfs apply [OPTIONS] <PLAN>

            Arguments:
              <PLAN>  The plan, as `plan --out` writes it: `plan.json`

            Options:
                  --dry-run                Only look, and say what would be done
                  --receipts <DIR>         Where the record of the run is kept [default:
                                           /var/lib/podman-btrfs/receipts]
                  --work-directory <DIR>   Where filesystems are mounted for the time of the
                                           run, and the lock is that keeps two runs apart
                                           [default: /run/podman-btrfs]
                  --replaced <FILESYSTEM>  This filesystem is another one than before, on
                                           purpose: what lay on the former one is forgotten,
                                           and volumes begin empty
              -h, --help                   Print help
            --- exit 0
        "#]],
    );
    check(
        &["completions", "--help"],
        expect![[r#"
        --- stdout
        Print completions for a shell

        Usage: podman-btrfs completions <SHELL>

        Arguments:
          <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

        Options:
          -h, --help  Print help
        --- exit 0
    "#]],
    );
}

#[test]
fn what_is_typed_wrong_is_told_and_ends_with_2() {
    check(
        &["paln"],
        expect![[r#"
        --- stderr
        error: unrecognized subcommand 'paln'

          tip: some similar subcommands exist: 'man', 'plan'

        Usage: podman-btrfs <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    check(
        &["plan"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <FILE>

        Usage: podman-btrfs plan <FILE>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn the_man_page_and_the_completions_name_every_command() {
    let page = common::run(Path::new("."), &["man"]).stdout;
    let shells = ["bash", "zsh", "fish", "elvish", "powershell"];
    let scripts = shells.map(|shell| common::run(Path::new("."), &["completions", shell]).stdout);
    for command in [
        "plan",
        "check",
        "explain",
        "diff",
        "schema",
        "apply",
        "rehearse",
        "completions",
    ] {
        assert!(
            page.contains(&format!("podman\\-btrfs\\-{command}(1)")),
            "{page}"
        );
        for script in &scripts {
            assert!(script.contains(command), "{command}: {script}");
        }
    }
    assert!(!page.contains("structured attributes"), "{page}");
}
