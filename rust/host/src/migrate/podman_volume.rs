//! Where a named volume of Podman lies.

use std::path::{Path, PathBuf};

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
            let before = of_user(system, user)?;
            let before: Vec<&str> = before.iter().map(String::as_str).collect();
            system.run("runuser", &[&before[..], &INSPECT, &[name]].concat())?
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

/// What is given to `runuser` before what a user's Podman is asked, so that it finds the user's store (`containers-storage.conf(5)`) and the state
/// that the units of the user's containers have: below `/run/user` where the user has a service manager, and else where Podman itself looks.
pub(crate) fn of_user(system: &dyn System, user: &str) -> Result<Vec<String>, Fault> {
    /// Root's own, which Podman would look into.
    const OF_ROOT: [&str; 4] = [
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    ];
    let printed = system.run("getent", &["passwd", "--", user])?.stdout;
    let fields: Vec<&str> = printed.trim_end().split(':').collect();
    let (Some(uid), Some(home)) = (fields.get(2), fields.get(5)) else {
        return Err(Fault::Unexpected(format!(
            "`getent passwd {user}` printed `{}`",
            printed.trim_end().escape_debug()
        )));
    };
    // Podman refuses to start where it may not be, and a shell's directory is often root's.
    let mut words: Vec<String> = ["--user", user, "--", "env", "--chdir=/"]
        .map(str::to_owned)
        .into();
    words.extend(OF_ROOT.map(|name| format!("--unset={name}")));
    words.push(format!("HOME={home}"));
    let runtime = format!("/run/user/{uid}");
    if system.look(Path::new(&runtime))?.is_some() {
        words.push(format!("XDG_RUNTIME_DIR={runtime}"));
    }
    words.push("podman".into());
    Ok(words)
}
