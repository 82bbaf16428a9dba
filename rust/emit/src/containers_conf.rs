//! `containers.conf`, as far as storage is concerned, and the directory that it names.

use podman_btrfs_core::plan::{ContainersConf, Plan};
use podman_btrfs_core::units::HostPath;
use serde::Serialize;
use serde_json::{Value, json};

use crate::plain::plain;
use crate::{Artefact, EmitError};

const HEADER: &str = "# Written by podman-btrfs from its plan: containers.conf(5).\n\n";
const TMPFILES_HEADER: &str = "# Written by podman-btrfs from its plan: tmpfiles.d(5).\n\n";

/// Everybody may write there, nobody removes another's files; what an interrupted pull left goes after 30 days.
const MODE: &str = "1777";
const AGE: &str = "30d";

/// The file's content, as the formats that hold it know it.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    engine: Engine<'a>,
}

#[derive(Serialize)]
struct Engine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    image_copy_tmp_dir: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_locks: Option<u64>,
}

/// `containers.conf` and `tmpfiles.conf`, where they say anything.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let Some(conf) = &plan.engine.containers_conf else {
        return Ok(Vec::new());
    };
    let text = toml::to_string(&document(conf))?;
    let mut artefacts = vec![Artefact {
        path: "containers.conf".into(),
        text: format!("{HEADER}{text}"),
    }];
    if let Some(directory) = &conf.image_copy_tmp_dir {
        let path = plain("tmpfiles.conf", "directory", directory.as_str())?;
        artefacts.push(Artefact {
            path: "tmpfiles.conf".into(),
            text: format!("{TMPFILES_HEADER}d {path} {MODE} root root {AGE}\n"),
        });
    }
    Ok(artefacts)
}

/// The file's content.
pub(crate) fn document(conf: &ContainersConf) -> Document<'_> {
    Document {
        engine: Engine {
            image_copy_tmp_dir: conf.image_copy_tmp_dir.as_ref().map(HostPath::as_str),
            num_locks: conf.num_locks,
        },
    }
}

/// The directory as NixOS declares it.
pub(crate) fn tmpfiles(conf: &ContainersConf) -> Option<Value> {
    let directory = conf.image_copy_tmp_dir.as_ref()?;
    let rule = json!({"d": {"mode": MODE, "user": "root", "group": "root", "age": AGE}});
    Some(json!({"podman-btrfs": {directory.as_str(): rule}}))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::{artefact, single_disk};

    #[test]
    fn what_is_planned_stands_below_engine() {
        expect![[r##"
            # Written by podman-btrfs from its plan: containers.conf(5).

            [engine]
            image_copy_tmp_dir = "/var/lib/containers/tmp"
            num_locks = 4096
        "##]]
        .assert_eq(&artefact(&single_disk(), "containers.conf"));
    }

    #[test]
    fn the_directory_that_it_names_is_made_at_boot() {
        expect![[r##"
            # Written by podman-btrfs from its plan: tmpfiles.d(5).

            d /var/lib/containers/tmp 1777 root root 30d
        "##]]
        .assert_eq(&artefact(&single_disk(), "tmpfiles.conf"));
    }

    #[test]
    fn what_is_not_planned_is_not_said() {
        let mut plan = single_disk();
        plan.engine.containers_conf = None;
        assert_eq!(emit(&plan).unwrap(), []);
        let mut plan = single_disk();
        let conf = plan.engine.containers_conf.as_mut().unwrap();
        conf.image_copy_tmp_dir = None;
        let paths: Vec<String> = emit(&plan)
            .unwrap()
            .into_iter()
            .map(|one| one.path)
            .collect();
        assert_eq!(paths, ["containers.conf"]);
    }
}
