//! Where a named volume of Podman lies.

use std::path::PathBuf;

use crate::system::{Fault, System};

/// Asks Podman, as root or as another user.
///
/// # Errors
/// When Podman does not know it, or what it printed is not understood.
pub fn path(system: &dyn System, name: &str, user: Option<&str>) -> Result<PathBuf, Fault> {
    const INSPECT: [&str; 5] = [
        "volume",
        "inspect",
        "--format",
        "{{.Driver}} {{.Mountpoint}}",
        "--",
    ];
    let printed = match user {
        None => system.run("podman", &[&INSPECT[..], &[name]].concat())?,
        Some(user) => {
            let environment = environment(system, user)?;
            let environment: Vec<&str> = environment.iter().map(String::as_str).collect();
            let before = ["--user", user, "--", "env"];
            let arguments = [&before[..], &environment, &["podman"], &INSPECT, &[name]].concat();
            system.run("runuser", &arguments)?
        }
    };
    let line = printed.stdout.trim_end_matches('\n');
    let unexpected = || {
        Fault::Unexpected(format!(
            "`podman volume inspect` printed `{}`, which is no path of a local volume; give the path itself with `--from`",
            line.escape_debug()
        ))
    };
    let path = line
        .strip_prefix("local ")
        .filter(|path| path.starts_with('/'));
    Ok(PathBuf::from(path.ok_or_else(unexpected)?))
}

/// What Podman finds a user's store by (`containers-storage.conf(5)`).
pub(crate) fn environment(system: &dyn System, user: &str) -> Result<[String; 2], Fault> {
    let printed = system.run("getent", &["passwd", "--", user])?.stdout;
    let fields: Vec<&str> = printed.trim_end().split(':').collect();
    let (Some(uid), Some(home)) = (fields.get(2), fields.get(5)) else {
        return Err(Fault::Unexpected(format!(
            "`getent passwd {user}` printed `{}`",
            printed.trim_end().escape_debug()
        )));
    };
    Ok([
        format!("HOME={home}"),
        format!("XDG_RUNTIME_DIR=/run/user/{uid}"),
    ])
}
