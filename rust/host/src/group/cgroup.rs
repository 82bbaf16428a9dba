//! By what a container is held still: as a rule a control group of its own, which Podman freezes. A container that has none shares that of
//! the unit which runs it: with `--cgroups=disabled`, and where a rootless user has no service manager that could make one.

use std::path::Path;

use podman_btrfs_core::units::{Text as _, UnitName};

use crate::system::{Fault, System};

/// By what a container is held still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Still {
    /// Podman freezes its control group.
    Podman,
    /// It is in the control group of a unit; `of_user`: of the service manager of its owner.
    Unit { name: UnitName, of_user: bool },
    /// It is in a control group of somebody else.
    Nothing { place: String },
    /// It has none, and where it is is not known.
    Unknown,
}

impl Still {
    /// Of a running container: by its identity, whether Podman made it a control group, and its first process.
    pub(super) fn of(
        system: &dyn System,
        id: &str,
        has_cgroup: bool,
        process: &str,
    ) -> Result<Self, Fault> {
        let is_number = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
        let place = if is_number && process != "0" {
            system.read(&Path::new("/proc").join(process).join("cgroup"))?
        } else {
            None
        };
        // The line of cgroup v2 (cgroups(7)).
        let mut lines = place.as_deref().unwrap_or_default().lines();
        let place = lines.find_map(|line| line.strip_prefix("0::"));
        Ok(match place {
            Some(place) => Self::at(place, id),
            None if has_cgroup => Self::Podman,
            None => Self::Unknown,
        })
    }

    fn at(place: &str, id: &str) -> Self {
        let parts: Vec<&str> = place.split('/').collect();
        // `libpod-ID.scope`, `libpod-payload-ID`, `libpod_parent/libpod-ID`.
        if parts.iter().any(|part| part.contains(id)) {
            return Self::Podman;
        }
        let is_manager = |part: &str| part.starts_with("user@");
        let unit = parts
            .iter()
            .rfind(|part| part.ends_with(".service") && !is_manager(part));
        match unit.and_then(|name| UnitName::parse(name).ok()) {
            Some(name) => Self::Unit {
                name,
                of_user: parts.iter().any(|part| is_manager(part)),
            },
            None => Self::Nothing {
                place: place.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_group_tells_by_what_a_container_is_held_still() {
        let id = "3e08fa0b420f5b08c53f8ab70bcae05926f4de19868e87743340e2a4a5b34e64";
        let unit = |name: &str, of_user| Still::Unit {
            name: UnitName::parse(name).unwrap(),
            of_user,
        };
        let own = "/user.slice/user-1000.slice/user@1000.service";
        for (place, still) in [
            (
                format!("/machine.slice/libpod-{id}.scope/container"),
                Still::Podman,
            ),
            (format!("{own}/user.slice/libpod-{id}.scope"), Still::Podman),
            (
                format!("{own}/app.slice/app.service/libpod-payload-{id}"),
                Still::Podman,
            ),
            (
                "/system.slice/podman-links.service".into(),
                unit("podman-links.service", false),
            ),
            (
                format!("{own}/app.slice/app.service"),
                unit("app.service", true),
            ),
            (
                format!("{own}/user.slice/podman-7.scope"),
                Still::Nothing {
                    place: format!("{own}/user.slice/podman-7.scope"),
                },
            ),
        ] {
            assert_eq!(Still::at(&place, id), still, "{place}");
        }
    }
}
