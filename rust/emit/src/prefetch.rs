//! The unit that pulls the images of hosts that hold several platforms, when somebody starts it.
//!
//! Each image is pulled for its platform and given its local name; the host's own platform comes last, so that a tag
//! ends at what runs here. A rootless store's images are pulled by its user, so they are in the plan and not here.

use std::fmt::Write;

use podman_btrfs_core::plan::{ImagePull, Plan};

use crate::plain::plain;
use crate::{Artefact, EmitError};

const PATH: &str = "systemd/podman-btrfs-prefetch.service";
pub(crate) const DESCRIPTION: &str = "Images of all planned platforms";
/// Where root's store is mounted.
pub(crate) const STORE: &str = "/var/lib/containers";

/// The arguments of the Podman calls, in order; none where every workload of root holds one platform.
pub(crate) fn calls(plan: &Plan) -> Result<Vec<Vec<String>>, EmitError> {
    let mut calls = Vec::new();
    for pull in plan.images.pulls.iter().filter(|pull| is_ours(pull)) {
        let reference = plain(PATH, "an image", pull.reference.as_str())?;
        let mut call = vec!["pull".to_owned(), "--quiet".to_owned()];
        if let Some(platform) = pull.platform {
            call.push(format!("--platform={}", platform.name()));
        }
        call.push(reference.to_owned());
        calls.push(call);
        if let Some(name) = &pull.local_name {
            let name = plain(PATH, "a local name", name.as_str())?;
            calls.push(vec!["tag".into(), reference.into(), name.into()]);
        }
    }
    Ok(calls)
}

fn is_ours(pull: &ImagePull) -> bool {
    pull.user.is_none() && pull.local_name.is_some()
}

/// The unit, where there is something to pull.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let calls = calls(plan)?;
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = format!(
        "# Written by podman-btrfs from its plan: systemd.service(5).
[Unit]
Description={DESCRIPTION}
After=network-online.target
Wants=network-online.target
RequiresMountsFor={STORE}

[Service]
Type=oneshot
"
    );
    for call in &calls {
        let _ = writeln!(text, "ExecStart=/usr/bin/podman {}", call.join(" "));
    }
    Ok(vec![Artefact {
        path: PATH.into(),
        text,
    }])
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::existing_device;

    #[test]
    fn each_image_is_pulled_for_its_platform_and_given_its_name() {
        expect![[r#"
            # Written by podman-btrfs from its plan: systemd.service(5).
            [Unit]
            Description=Images of all planned platforms
            After=network-online.target
            Wants=network-online.target
            RequiresMountsFor=/var/lib/containers

            [Service]
            Type=oneshot
            ExecStart=/usr/bin/podman pull --quiet --platform=linux/arm64 docker.io/library/postgres:17
            ExecStart=/usr/bin/podman tag docker.io/library/postgres:17 localhost/library/postgres:17-linux-arm64
            ExecStart=/usr/bin/podman pull --quiet --platform=linux/amd64 docker.io/library/postgres:17
            ExecStart=/usr/bin/podman tag docker.io/library/postgres:17 localhost/library/postgres:17-linux-amd64
        "#]].assert_eq(&emit(&existing_device()).unwrap()[0].text);
    }

    #[test]
    fn what_a_user_holds_or_one_platform_needs_no_unit() {
        let mut plan = existing_device();
        for pull in &mut plan.images.pulls {
            pull.local_name = None;
        }
        assert!(emit(&plan).unwrap().is_empty());
    }
}
