//! What the throw-away container of a drill is made of: the image that the data belongs to, no network, the drill's volumes and nothing
//! else of the host. How it runs: [`super::running`].
//!
//! Variables go by their names alone, and only those that engines read: what somebody put into a container's environment is not made
//! the environment of root's Podman.

use std::collections::BTreeMap;
use std::path::PathBuf;

use podman_btrfs_core::units::{ContainerName, ContainerPath};
use serde::Deserialize;

use crate::group::podman::{PATIENCE, Podman, State};
use crate::system::Fault;

/// How variables begin that engines' images read.
const WANTED: [&str; 9] = [
    "POSTGRES_",
    "PGDATA",
    "PGHOST",
    "PGPORT",
    "MARIADB_",
    "MYSQL_",
    "REDIS",
    "VALKEY_",
    "MONGO_",
];

/// What a container is made with.
#[derive(Clone, Debug, Default)]
pub(super) struct Making {
    /// Its image, by identity.
    pub(super) image: String,
    /// Of the real one; `None`: the image's.
    pub(super) entrypoint: Option<Vec<String>>,
    pub(super) command: Vec<String>,
    pub(super) user: String,
    pub(super) directory: String,
    /// Of the real one, as far as engines read them.
    pub(super) variables: BTreeMap<String, String>,
    /// What is mounted, where, and whether only to be read.
    pub(super) mounts: Vec<(PathBuf, ContainerPath, bool)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    env: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    entrypoint: Option<Words>,
    user: Option<String>,
    working_dir: Option<String>,
}

/// Until Podman 5 a container's entry point is one text, its words joined.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Joined(String),
    List(Vec<String>),
}

impl Words {
    fn joined(&self) -> String {
        match self {
            Self::Joined(text) => text.clone(),
            Self::List(words) => words.join(" "),
        }
    }

    fn list(&self) -> Vec<String> {
        match self {
            Self::Joined(text) => text.split_whitespace().map(str::to_owned).collect(),
            Self::List(words) => words.clone(),
        }
    }
}

impl Making {
    /// Learns what a container is made with: from the real one as far as it is there, else from its image. `Err`: why there is none.
    pub(super) fn of(
        podman: &Podman<'_>,
        container: &ContainerName,
        recorded: Option<&String>,
    ) -> Result<Self, String> {
        let told = |fault: Fault| fault.to_string();
        let seen = podman.containers(&[container]).map_err(told)?;
        let seen = seen.get(container);
        let known = [recorded, seen.map(|seen| &seen.image)];
        let mut image = None;
        for one in known.into_iter().flatten().filter(|one| is_image(one)) {
            if image.is_none() && has_image(podman, one).map_err(told)? {
                image = Some(one.clone());
            }
        }
        let Some(image) = image else {
            return Err(match recorded {
                Some(recorded) => format!(
                    "the image {recorded} that its container {container} ran from is not in Podman's store any more, and no container of that name has one"
                ),
                None => format!(
                    "the snapshot does not say which image its container {container} ran from, and there is no container of that name"
                ),
            });
        };
        let mut making = Self {
            image,
            ..Self::default()
        };
        if let Some(seen) = seen {
            making.like(podman, &seen.id)?;
            if seen.state == State::Running {
                // What is a secret is known inside alone; where it cannot be read, an engine may let us in without.
                if let Ok(all) = crate::group::engine::variables(podman, &seen.id, PATIENCE) {
                    making.take_variables(all);
                }
            }
        }
        Ok(making)
    }

    fn like(&mut self, podman: &Podman<'_>, id: &str) -> Result<(), String> {
        let real = config(
            podman,
            &["container", "inspect", "--format={{json .Config}}", id],
        )?;
        let of_image = config(
            podman,
            &["image", "inspect", "--format={{json .Config}}", &self.image],
        )?;
        let joined = |words: &Option<Words>| words.as_ref().map(Words::joined).unwrap_or_default();
        if joined(&real.entrypoint) != joined(&of_image.entrypoint) {
            self.entrypoint = real.entrypoint.as_ref().map(Words::list);
        }
        self.command = real.cmd.unwrap_or_default();
        self.user = real.user.unwrap_or_default();
        self.directory = real.working_dir.unwrap_or_default();
        let variables = real.env.unwrap_or_default();
        let variables = variables.iter().filter_map(|one| one.split_once('='));
        self.take_variables(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        );
        Ok(())
    }

    fn take_variables(&mut self, all: BTreeMap<String, String>) {
        self.variables
            .extend(all.into_iter().filter(|(name, _)| is_wanted(name)));
    }

    /// The first of these that has a value.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        let values = names.iter().filter_map(|name| self.variables.get(*name));
        let mut values = values.filter(|value| !value.is_empty());
        values.next().map(String::as_str)
    }

    pub(super) fn words(&self, name: &str, mode: &[&str]) -> Vec<String> {
        let fixed = [
            "--pull=never",
            "--network=none",
            "--restart=no",
            "--no-healthcheck",
            "--http-proxy=false",
            // The place has no label of containers, and is not given one.
            "--security-opt=label=disable",
        ];
        let mut words = vec!["run".to_owned(), format!("--name={name}")];
        words.extend(mode.iter().chain(&fixed).map(|word| (*word).to_owned()));
        for (from, to, read_only) in &self.mounts {
            let mode = if *read_only { ":ro" } else { "" };
            words.push(format!("--volume={}:{to}{mode}", from.display()));
        }
        words
    }
}

/// Whether engines read a variable, and it is one that goes by its name; a file that it names is not in the drill.
fn is_wanted(name: &str) -> bool {
    WANTED.iter().any(|one| name.starts_with(one))
        && !name.ends_with("_FILE")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `sha256:` and digits: a snapshot's record is not to become an option.
fn is_image(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn has_image(podman: &Podman<'_>, image: &str) -> Result<bool, Fault> {
    match podman.run(&["image", "exists", digits(image)], &[], PATIENCE) {
        Ok(_) => Ok(true),
        Err(Fault::Program { status: 1, .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// An identity without the name of its hash, as Podman takes it for certain.
pub(super) fn digits(image: &str) -> &str {
    image.strip_prefix("sha256:").unwrap_or(image)
}

fn config(podman: &Podman<'_>, words: &[&str]) -> Result<Config, String> {
    let printed = podman
        .run(words, &[], PATIENCE)
        .map_err(|fault| fault.to_string())?;
    let config: Option<Config> = serde_json::from_str(printed.stdout.trim()).map_err(|error| {
        format!(
            "`podman {}` printed something that is not understood: {error}",
            words.join(" ")
        )
    })?;
    Ok(config.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use podman_btrfs_core::units::Text as _;

    #[test]
    fn only_what_engines_read_goes_along() {
        for name in [
            "POSTGRES_USER",
            "PGDATA",
            "MARIADB_ROOT_PASSWORD",
            "REDISCLI_AUTH",
        ] {
            assert!(is_wanted(name), "{name}");
        }
        for name in [
            "LD_PRELOAD",
            "PATH",
            "CONTAINERS_CONF",
            "POSTGRES_PASSWORD_FILE",
            "MYSQL_A=B",
            "REDIS-X",
        ] {
            assert!(!is_wanted(name), "{name}");
        }
    }

    #[test]
    fn an_image_is_named_by_its_identity_alone() {
        assert!(is_image(&format!("sha256:{}", "a".repeat(64))) && is_image(&"0".repeat(24)));
        for text in [
            "",
            "sha256:",
            "--privileged",
            "docker.io/x",
            "sha256:--rm0000000000",
        ] {
            assert!(!is_image(text), "{text}");
        }
    }

    #[test]
    fn no_value_stands_on_a_command_line() {
        let mut making = Making {
            image: "sha256:0123456789ab".into(),
            mounts: vec![(
                PathBuf::from("/work/drill/x"),
                ContainerPath::parse("/data").unwrap(),
                true,
            )],
            ..Making::default()
        };
        making.take_variables(BTreeMap::from([(
            "POSTGRES_PASSWORD".into(),
            "secret".into(),
        )]));
        let words = making.words("n", &["--detach"]);
        assert!(words.contains(&"--network=none".to_owned()));
        assert!(words.contains(&"--volume=/work/drill/x:/data:ro".to_owned()));
        assert!(!words.iter().any(|word| word.contains("secret")));
    }

    #[test]
    fn an_entry_point_is_read_in_both_forms() {
        for text in [r#"{"Entrypoint":"a b"}"#, r#"{"Entrypoint":["a","b"]}"#] {
            let config: Config = serde_json::from_str(text).unwrap();
            assert_eq!(config.entrypoint.unwrap().list(), ["a", "b"], "{text}");
        }
    }
}
