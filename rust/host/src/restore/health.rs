//! Whether containers that look after their own health find themselves healthy.

use std::collections::BTreeSet;
use std::time::Duration;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::units::UserName;

use crate::migrate::podman_volume;
use crate::system::{Fault, Printed, System};
use crate::units::Unit;

/// A container, and whose Podman has it.
pub(crate) type Container<'p> = (&'p str, Option<&'p UserName>);

/// Waits until each container of these units that has a check of its health is healthy; returns those that are not, in words.
pub(crate) fn wait(
    system: &dyn System,
    plan: &Plan,
    units: &[Unit],
    seconds: u64,
) -> Result<Vec<String>, Fault> {
    let containers = containers(plan, units);
    for passed in 0.. {
        let mut open = Vec::new();
        for container in &containers {
            let status = status(system, *container)?;
            let name = container.0;
            match status.as_deref() {
                None | Some("" | "healthy") => {}
                Some("starting") if passed < seconds => open.push(String::new()),
                Some(status) => {
                    return Ok(vec![format!(
                        "{name} is {status} after {passed} s, by its own check of its health"
                    )]);
                }
            }
        }
        if open.is_empty() {
            break;
        }
        system.pause(Duration::from_secs(1));
    }
    Ok(Vec::new())
}

/// The containers that these units run.
pub(crate) fn containers<'p>(plan: &'p Plan, units: &[Unit]) -> BTreeSet<Container<'p>> {
    let names: BTreeSet<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    let mut found = BTreeSet::new();
    for workload in plan.workloads.values() {
        let instances = workload.instances.iter();
        for name in instances.flat_map(|instance| instance.containers.keys()) {
            let of_it = [format!("podman-{name}.service"), format!("{name}.service")];
            if of_it.iter().any(|unit| names.contains(unit.as_str())) {
                found.insert((name.as_str(), workload.user.as_ref()));
            }
        }
    }
    found
}

/// What a container says of its health, nothing where it has no check; `None` where there is no container of that name.
pub(crate) fn status(
    system: &dyn System,
    (name, user): Container,
) -> Result<Option<String>, Fault> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Health {
        #[serde(default)]
        status: String,
    }
    // A quadlet's container has `systemd-` before its name unless it is given one.
    let of_quadlet = format!("systemd-{name}");
    let name = if exists(system, user, name)? {
        name
    } else if exists(system, user, &of_quadlet)? {
        &of_quadlet
    } else {
        return Ok(None);
    };
    let format = [
        "container",
        "inspect",
        "--format",
        "{{json .State.Health}}",
        name,
    ];
    let printed = podman(system, user, &format)?.stdout;
    let health: Option<Health> = serde_json::from_str(printed.trim()).map_err(|_| {
        Fault::Unexpected(format!(
            "`podman container inspect {name}` printed `{}` for its health",
            printed.trim().escape_debug()
        ))
    })?;
    Ok(Some(
        health.map_or_else(String::new, |health| health.status),
    ))
}

fn exists(system: &dyn System, user: Option<&UserName>, name: &str) -> Result<bool, Fault> {
    match podman(system, user, &["container", "exists", name]) {
        Ok(_) => Ok(true),
        Err(Fault::Program { status: 1, .. }) => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn podman(
    system: &dyn System,
    user: Option<&UserName>,
    arguments: &[&str],
) -> Result<Printed, Fault> {
    let Some(user) = user else {
        return system.run("podman", arguments);
    };
    let before = podman_volume::of_user(system, user.as_str())?;
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    system.run("runuser", &[&before[..], arguments].concat())
}
