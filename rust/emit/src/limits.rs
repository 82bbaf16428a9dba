//! Bounds of the kernel and of systemd, for hosts that are not NixOS: `sysctl.d(5)` and a drop-in of every user's slice.

use std::fmt::Write;

use podman_btrfs_core::plan::Plan;

use crate::plain::plain;
use crate::{Artefact, EmitError};

const SYSCTL: &str = "sysctl.d/60-podman-btrfs.conf";
const SLICE: &str = "systemd/user-.slice.d/60-podman-btrfs.conf";

/// The two files, each where something is to be set.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let mut artefacts = Vec::new();
    if !plan.density.sysctls.is_empty() {
        let mut text = String::from("# Written by podman-btrfs from its plan: sysctl.d(5).\n");
        for (name, value) in &plan.density.sysctls {
            let name = plain(SYSCTL, "a kernel setting", name)?;
            let _ = writeln!(text, "{name} = {value}");
        }
        artefacts.push(Artefact {
            path: SYSCTL.into(),
            text,
        });
    }
    if let Some(tasks) = plan.density.user_tasks_max {
        artefacts.push(Artefact {
            path: SLICE.into(),
            text: format!(
                "# Written by podman-btrfs from its plan: systemd.resource-control(5).\n[Slice]\nTasksMax={tasks}\n"
            ),
        });
    }
    Ok(artefacts)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::single_disk;

    #[test]
    fn a_setting_is_a_line_and_a_slice_a_file_of_its_own() {
        let texts: Vec<String> = emit(&single_disk())
            .unwrap()
            .into_iter()
            .map(|artefact| format!("== {}\n{}", artefact.path, artefact.text))
            .collect();
        expect![[r#"
            == sysctl.d/60-podman-btrfs.conf
            # Written by podman-btrfs from its plan: sysctl.d(5).
            kernel.keys.maxkeys = 2048
            == systemd/user-.slice.d/60-podman-btrfs.conf
            # Written by podman-btrfs from its plan: systemd.resource-control(5).
            [Slice]
            TasksMax=65536
        "#]]
        .assert_eq(&texts.concat());
    }

    #[test]
    fn a_name_that_would_be_another_line_is_refused() {
        let mut plan = single_disk();
        plan.density.sysctls.insert("a = 1\nb".into(), 2);
        assert!(emit(&plan).is_err());
    }
}
