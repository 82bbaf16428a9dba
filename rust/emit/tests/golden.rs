//! Every directory of `tests/scenarios` from its declaration to its artefacts, byte for byte.
//!
//! `UPDATE=1` writes what is made now; `git diff` then shows what a change does to real hosts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "only functions marked as tests are known to clippy as tests, not what they call"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::{Plan, build};
use podman_btrfs_core::simulate::{Simulation, Span, simulate};
use podman_btrfs_core::spec::input::parse_value;
use podman_btrfs_emit::{Artefact, emit, emit_with};

/// The plan stands beside the declaration, because it is what one reads first; the rest below this.
const ARTEFACTS: &str = "artefacts";

/// These stand once in the repository, beside their emitter, not in each scenario.
const SAME_FOR_ALL: &str = "monitoring/";

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut found: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no scenario in {}", root.display());
    found
}

/// The plan of a scenario's `host.nix`; mistakes in it are the plan's findings, as they are for users.
fn plan(scenario: &Path) -> Result<(Plan, Option<Simulation>), String> {
    let file = scenario.join("host.nix");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let document = podman_btrfs_source::read_declaration(&text).map_err(|findings| {
        let messages: Vec<_> = findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        format!("{}: {}", file.display(), messages.join("; "))
    })?;
    Ok(match parse_value(&document.value) {
        Ok(spec) => (build(&spec), simulate(&spec, Span::default())),
        Err(findings) => (Plan::refused(findings), None),
    })
}

fn artefacts(scenario: &Path) -> Result<Vec<Artefact>, String> {
    let (plan, simulation) = plan(scenario)?;
    match &simulation {
        Some(simulation) => emit_with(&plan, simulation),
        None => emit(&plan),
    }
    .map_err(|error| format!("{}: {error}", scenario.display()))
}

/// The goldens as they are made now, by path below the scenario.
fn made(scenario: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let artefacts = artefacts(scenario)?;
    Ok(artefacts
        .into_iter()
        .filter(|artefact| !artefact.path.starts_with(SAME_FOR_ALL))
        .map(|artefact| match artefact.path.as_str() {
            "plan.json" => (PathBuf::from("plan.json"), artefact.text),
            path => (Path::new(ARTEFACTS).join(path), artefact.text),
        })
        .collect())
}

/// The goldens as they are on disk.
fn committed(scenario: &Path) -> BTreeMap<PathBuf, String> {
    walkdir::WalkDir::new(scenario)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .map(|path| (path.strip_prefix(scenario).unwrap().to_owned(), path))
        .filter(|(relative, _)| {
            relative == Path::new("plan.json") || relative.starts_with(ARTEFACTS)
        })
        .map(|(relative, path)| (relative, fs::read_to_string(path).unwrap()))
        .collect()
}

/// What is wrong with a scenario, a line each.
fn problems(scenario: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut tell = |relative: &Path, what: &str| {
        problems.push(format!("{}: {what}", scenario.join(relative).display()));
    };
    let readme = fs::read_to_string(scenario.join("README.md")).unwrap_or_default();
    if readme.trim().is_empty() {
        tell(
            Path::new("README.md"),
            "missing; say what the scenario shows",
        );
    }
    let made = match made(scenario) {
        Ok(made) => made,
        Err(error) => {
            problems.push(error);
            return problems;
        }
    };
    let committed = committed(scenario);
    for (path, text) in &made {
        match committed.get(path) {
            None => tell(path, "is made and not there"),
            Some(golden) if golden != text => tell(path, &first_difference(golden, text)),
            Some(_) => {}
        }
    }
    for path in committed.keys().filter(|path| !made.contains_key(*path)) {
        tell(path, "is there and no longer made");
    }
    problems
}

fn first_difference(golden: &str, made: &str) -> String {
    let mut lines = golden.lines().zip(made.lines()).enumerate();
    match lines.find(|(_, (golden, made))| golden != made) {
        Some((index, (golden, made))) => {
            format!(
                "line {} is\n    {golden}\n  and is made as\n    {made}",
                index + 1
            )
        }
        None => "has more or fewer lines than what is made".to_owned(),
    }
}

fn update(scenario: &Path) {
    let Ok(made) = made(scenario) else { return };
    let directory = scenario.join(ARTEFACTS);
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    for (path, text) in made {
        let path = scenario.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn every_scenario_gives_its_plan_and_its_artefacts() {
    let scenarios = scenarios();
    if std::env::var_os("UPDATE").is_some() {
        for scenario in &scenarios {
            update(scenario);
        }
    }
    let problems: Vec<String> = scenarios
        .iter()
        .flat_map(|scenario| problems(scenario))
        .collect();
    assert!(
        problems.is_empty(),
        "{}\n\nWhen the change is meant: UPDATE=1 cargo test -p podman-btrfs-emit --test golden",
        problems.join("\n")
    );
}

#[test]
fn every_artefact_is_what_its_reader_parses() {
    for scenario in scenarios() {
        for Artefact { path, text } in artefacts(&scenario).unwrap() {
            let at = || format!("{}: {path}", scenario.display());
            match path.rsplit_once('.').map(|(_, extension)| extension) {
                Some("nix") => {
                    let parsed = rnix::Root::parse(&text);
                    assert!(
                        parsed.errors().is_empty(),
                        "{}: {:?}",
                        at(),
                        parsed.errors()
                    );
                    let (_, again) = alejandra::format::in_memory(path.clone(), text.clone());
                    assert_eq!(again, text, "{} is not formatted", at());
                }
                _ if path == "nixos.json"
                    || path == "simulation.json"
                    || path == "monitoring/grafana-dashboard.json" =>
                {
                    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text)
                        .unwrap_or_else(|error| panic!("{}: {error}", at()));
                }
                Some("json") => {
                    let plan: Plan = serde_json::from_str(&text).unwrap();
                    let again = serde_json::to_string_pretty(&plan).unwrap() + "\n";
                    assert_eq!(again, text, "{}", at());
                }
                _ if path == "storage.conf" => {
                    text.parse::<toml::Table>()
                        .unwrap_or_else(|error| panic!("{}: {error}", at()));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn the_same_declaration_gives_the_same_bytes() {
    for scenario in scenarios() {
        assert_eq!(made(&scenario).unwrap(), made(&scenario).unwrap());
    }
}

/// A scenario that is in order, in a directory of its own.
fn fresh_scenario() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let host = r#"{ filesystems.tank.disks = [ "/dev/disk/by-id/one" ]; }"#;
    fs::write(directory.path().join("host.nix"), host).unwrap();
    fs::write(directory.path().join("README.md"), "One disk.\n").unwrap();
    update(directory.path());
    assert_eq!(problems(directory.path()), Vec::<String>::new());
    directory
}

fn problem_after(change: fn(&Path)) -> String {
    let directory = fresh_scenario();
    change(directory.path());
    problems(directory.path()).join("\n")
}

#[test]
fn a_golden_that_differs_is_told_with_its_line() {
    let problem = problem_after(|scenario| {
        let golden = scenario.join("artefacts/fstab");
        let text = fs::read_to_string(&golden)
            .unwrap()
            .replace(" btrfs ", " ext4 ");
        fs::write(golden, text).unwrap();
    });
    assert!(problem.contains("artefacts/fstab: line 2 is"), "{problem}");
}

#[test]
fn a_golden_that_is_missing_is_told() {
    let problem = problem_after(|scenario| fs::remove_file(scenario.join("plan.json")).unwrap());
    assert!(
        problem.contains("plan.json: is made and not there"),
        "{problem}"
    );
}

#[test]
fn a_golden_that_nothing_makes_is_told_and_removed_by_an_update() {
    let problem = problem_after(|scenario| {
        fs::create_dir_all(scenario.join("artefacts/btrbk")).unwrap();
        fs::write(scenario.join("artefacts/btrbk/old.conf"), "").unwrap();
        let before = problems(scenario).join("\n");
        assert!(
            before.contains("btrbk/old.conf: is there and no longer made"),
            "{before}"
        );
        update(scenario);
    });
    assert_eq!(problem, "");
}

#[test]
fn a_scenario_that_does_not_say_what_it_shows_is_told() {
    let problem = problem_after(|scenario| fs::write(scenario.join("README.md"), " \n").unwrap());
    assert!(problem.contains("README.md: missing"), "{problem}");
}

#[test]
fn a_scenario_without_a_declaration_is_told() {
    let problem = problem_after(|scenario| fs::remove_file(scenario.join("host.nix")).unwrap());
    assert!(problem.contains("host.nix"), "{problem}");
}
