//! The key that copies are sent with, as btrbk's configuration names it.

use std::path::{Path, PathBuf};

use crate::system::System;

/// The first `ssh_identity` in the configurations of these runs (`btrbk.conf(5)`); `None` where none names one, or cannot be read:
/// ssh then finds its own, and says what it lacks.
pub fn of_btrbk<'n>(
    system: &dyn System,
    directory: &Path,
    runs: impl IntoIterator<Item = &'n str>,
) -> Option<PathBuf> {
    runs.into_iter().find_map(|run| {
        let path = directory.join(format!("{run}.conf"));
        named(&system.read(&path).ok()??)
    })
}

fn named(text: &str) -> Option<PathBuf> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let is_it = words.next() == Some("ssh_identity");
        let value = words.next().filter(|value| is_it && value.starts_with('/'));
        value.map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    #[test]
    fn the_key_is_the_one_that_btrbk_uses() {
        let text =
            "snapshot_dir /x\n\nvolume /srv\n  target ssh://nas/x\n    ssh_identity /keys/nas\n";
        assert_eq!(named(text), Some("/keys/nas".into()));
        assert_eq!(named("ssh_identity no\n#ssh_identity /x\n"), None);
    }

    #[test]
    fn configurations_of_any_kind() {
        damage::each(
            &["target ssh://nas/x\n  ssh_identity /keys/nas\n"],
            |text| {
                assert!(named(text).is_none_or(|path| path.is_absolute()));
            },
        );
    }
}
