//! Declarations made to break something end with 1 and a finding that says what is wrong and where; nothing is
//! written.

#![expect(
    clippy::unwrap_used,
    reason = "`expect!` writes its texts with hashes; a test stops where it fails"
)]

mod common;

use common::{directory_with, run};
use serde_json::{Value, json};

/// What it is, the file, its content, and words of the finding.
struct Input {
    what: &'static str,
    file: &'static str,
    content: Vec<u8>,
    told: &'static [&'static str],
}

fn nix(what: &'static str, content: impl Into<Vec<u8>>, told: &'static [&'static str]) -> Input {
    Input {
        what,
        file: "host.nix",
        content: content.into(),
        told,
    }
}

fn json_text(
    what: &'static str,
    content: impl Into<Vec<u8>>,
    told: &'static [&'static str],
) -> Input {
    Input {
        file: "host.json",
        ..nix(what, content, told)
    }
}

/// A host that is right but for one part.
fn host(part: &str, value: Value) -> Value {
    let mut host = json!({
        "filesystems": { "tank": { "device": "/dev/disk/by-uuid/a", "mountPoint": "/srv/tank" } },
        "workloads": { "shop": {
            "containers": { "pg": { "image": "docker.io/library/postgres:17" } },
            "volumes": { "pgdata": { "mounts": { "pg": "/var/lib/postgresql/data" } } },
        } },
    });
    *host.pointer_mut(part).unwrap() = value;
    host
}

fn with(what: &'static str, part: &str, value: Value, told: &'static [&'static str]) -> Input {
    json_text(what, host(part, value).to_string(), told)
}

/// A volume of a hostile name, with a shape that is right.
fn volume(what: &'static str, name: &str, told: &'static [&'static str]) -> Input {
    let mounts = json!({ "mounts": { "pg": "/data" } });
    with(
        what,
        "/workloads/shop/volumes",
        json!({ name: mounts }),
        told,
    )
}

fn names() -> Vec<Input> {
    let long = "x".repeat(300);
    vec![
        volume("a name that climbs", "..", &["PB103", "volumes.\"..\""]),
        volume(
            "a name with a path",
            "a/../../etc",
            &["PB103", "it holds `/`"],
        ),
        volume("a name with a blank", "pg data", &["PB103", "it holds ` `"]),
        volume(
            "a name with a line end",
            "a\nb",
            &["PB103", "it holds `\\n`"],
        ),
        volume("a name with a quote", "a\"b", &["PB103", "it holds `\\\"`"]),
        volume(
            "a name with an interpolation",
            "${HOME}",
            &["PB103", "it holds `$`"],
        ),
        volume("a name with a specifier", "a%i", &["PB103", "it holds `%`"]),
        volume(
            "a name with a leading dash",
            "-rf",
            &["PB103", "begins with punctuation"],
        ),
        volume(
            "a name that moves the cursor",
            "a\u{1b}[2J",
            &["PB103", "it holds `\\u{1b}`"],
        ),
        volume(
            "a name of 300 characters",
            &long,
            &["PB103", "it has 300 bytes"],
        ),
        volume("a name of nothing", "", &["PB103", "it is empty"]),
        json_text(
            "a name that stands twice once its escapes are resolved",
            r#"{"workloads": {"shop": {}, "\u0073hop": {}}}"#,
            &["PB105", "workloads.shop"],
        ),
        nix(
            "a name that is given twice in Nix",
            "{\n  workloads.shop.replicas = 1;\n  workloads.\"shop\".replicas = 2;\n}",
            &["PB101", "defined twice", "host.nix:3:20"],
        ),
    ]
}

fn values() -> Vec<Input> {
    let size = "/workloads/shop/volumes/pgdata";
    let sized = |size: &str| json!({ "mounts": { "pg": "/data" }, "size": size });
    vec![
        with(
            "a size beyond all disks",
            size,
            sized("99999999999999999999T"),
            &["PB103", "pgdata.size", "beyond"],
        ),
        with(
            "a negative size",
            size,
            sized("-5G"),
            &["PB103", "pgdata.size", "does not begin with a number"],
        ),
        with(
            "a size of nothing",
            size,
            sized("0"),
            &["PB103", "pgdata.size", "it is nothing"],
        ),
        with(
            "a number of copies beyond reason",
            "/workloads/shop",
            json!({ "replicas": 1_000_000_000_000_u64 }),
            &["PB103", "workloads.shop.replicas"],
        ),
        with(
            "a mount point that climbs",
            "/filesystems/tank/mountPoint",
            json!("/srv/../etc"),
            &["PB103", "filesystems.tank.mountPoint", "`..`"],
        ),
        with(
            "a device with a line end",
            "/filesystems/tank/device",
            json!("/dev/a\n/dev/b"),
            &["PB103", "filesystems.tank.device", "\\n"],
        ),
        with(
            "a container path with options",
            "/workloads/shop/volumes/pgdata/mounts/pg",
            json!("/data:ro,dev"),
            &["PB103", "pgdata.mounts.pg", "`:`"],
        ),
        with(
            "an image with a command",
            "/workloads/shop/containers/pg/image",
            json!("postgres; rm -rf /"),
            &["PB103", "containers.pg.image"],
        ),
        with(
            "a time beyond reason",
            "/workloads",
            json!({}),
            &["PB103", "policies.gold.rpo"],
        )
        .replaced(r#"{"policies": {"gold": {"rpo": "99999999999999999999w"}}}"#),
    ]
}

impl Input {
    fn replaced(self, content: &str) -> Self {
        Self {
            content: content.into(),
            ..self
        }
    }
}

fn texts() -> Vec<Input> {
    let whole = host("/workloads/shop/volumes", json!({})).to_string();
    let mut large = b"{ a = \"".to_vec();
    large.resize(50 << 20, b'x');
    vec![
        json_text(
            "JSON cut in the middle",
            &whole.as_bytes()[..whole.len() / 2],
            &["PB101", "not JSON", "line 1"],
        ),
        nix(
            "Nix cut in the middle",
            "{\n  workloads = {\n    shop = {",
            &["PB101", "before this `{` is closed", "host.nix:3:12"],
        ),
        json_text("JSON nested 100,000 deep", "[".repeat(100_000), &["PB101"]),
        json_text(
            "JSON of objects 100,000 deep",
            "{\"a\":".repeat(100_000),
            &["PB101"],
        ),
        nix(
            "Nix nested 100,000 deep",
            format!("{{ a = {}", "[".repeat(100_000)),
            &["PB101", "nested more than", "host.nix:1:"],
        ),
        nix(
            "Nix of operators without end",
            format!("{{ a = {}1; }}", "-".repeat(100_000)),
            &["PB101", "host.nix:1:"],
        ),
        nix(
            "a file of 50 MB",
            large.clone(),
            &["PB101", "at most 32 MiB", "50 MiB"],
        ),
        json_text(
            "a file of 50 MB of JSON",
            large,
            &["PB101", "at most 32 MiB", "50 MiB"],
        ),
        nix(
            "a file that is not UTF-8",
            b"{\n  a = \"\xff\xfe\";\n}",
            &["PB101", "not UTF-8", "line 2"],
        ),
        nix("a program", b"\x7fELF\x02\x01\x01\0\0\0", &["PB101"]),
        nix("a file of nothing", "", &["PB101", "empty"]),
        json_text("a JSON file of nothing", "", &["PB101", "not JSON"]),
        nix(
            "a byte order mark",
            "\u{feff}{ }",
            &["PB101", "byte order mark", "host.nix:1:1"],
        ),
        nix(
            "a NUL",
            "{ a = \"\0\"; }",
            &["PB101", "NUL", "host.nix:1:8"],
        ),
        nix(
            "a string that doubles itself",
            doubling(),
            &["PB101", "64 MiB"],
        ),
        json_text("a list in place of a declaration", "[]", &["PB103"]),
        json_text(
            "a number that no computer holds",
            "{\"workloads\": 1e999}",
            &["PB101"],
        ),
        json_text(
            "a format of the future",
            "{\"schemaVersion\": 4294967297}",
            &["PB104"],
        ),
    ]
}

fn doubling() -> String {
    let levels: String = (1..40)
        .flat_map(|level| [format!("a{level} = \"${{a{0}}}${{a{0}}}\";", level - 1)])
        .collect();
    format!("let a0 = \"0123456789\"; {levels} in {{ workloads = a39; }}")
}

#[test]
fn each_hostile_input_ends_in_a_clear_finding_and_writes_nothing() {
    let inputs: Vec<Input> = names().into_iter().chain(values()).chain(texts()).collect();
    assert!(inputs.len() >= 20);
    let mut wrong = Vec::new();
    for input in inputs {
        let directory = directory_with(input.file, &input.content);
        let run = run(directory.path(), &["plan", input.file, "--out", "out"]);
        let text = run.stderr.as_str();
        let one_line = text
            .split_whitespace()
            .filter(|word| *word != "│")
            .collect::<Vec<_>>()
            .join(" ");
        let missing: Vec<_> = input
            .told
            .iter()
            .filter(|words| !one_line.contains(**words))
            .collect();
        let holds = run.code == 1
            && missing.is_empty()
            && text.contains("1 error in host.")
            && !text.contains("panicked")
            && !text.contains('\u{1b}')
            && text.len() < 5_000
            && run.stdout.is_empty()
            && !directory.path().join("out").exists();
        if !holds {
            wrong.push(format!(
                "{}: exit {}, misses {missing:?}\n{:.2000}",
                input.what,
                run.code,
                run.shown()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_pipe_without_end_is_refused() {
    let directory = directory_with("host.nix", "");
    let run = run(directory.path(), &["check", "/dev/zero"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("at most 32 MiB"), "{}", run.stdout);
}
