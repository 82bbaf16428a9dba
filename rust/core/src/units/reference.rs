//! References to things elsewhere: an image in a registry, a target on another machine.

use std::fmt;

use super::name::shown;
use super::text::{Text, text_serde};

/// An image reference: `[registry[:port]/]path[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageReference(String);

impl ImageReference {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The repository without registry, tag and digest: `library/postgres`.
    #[must_use]
    pub fn repository(&self) -> &str {
        let without_digest = self
            .0
            .split_once('@')
            .map_or(self.0.as_str(), |(name, _)| name);
        let path = match without_digest.split_once('/') {
            // A first component with a dot, a port, or `localhost` is a registry's host.
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
            _ => without_digest,
        };
        path.split_once(':').map_or(path, |(name, _)| name)
    }

    /// The last component of the repository: `postgres`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let repository = self.repository();
        repository
            .rsplit_once('/')
            .map_or(repository, |(_, name)| name)
    }
}

impl Text for ImageReference {
    const FORMAT: &'static str = "podman-btrfs-image";
    const EXPECTED: &'static str = "an image reference, such as `docker.io/library/postgres:17`: a-z, A-Z, 0-9 and `._-/:@`, beginning with a letter or a digit";
    const PATTERN: &'static str = "^[A-Za-z0-9][A-Za-z0-9._/:@-]*$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        if text.len() > 512 {
            return refuse(&format!("it has {} bytes", text.len()));
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return refuse("it does not begin with a letter or a digit");
        }
        let bad = text.chars().find(|&c| {
            !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@'))
        });
        match bad {
            Some(bad) => refuse(&format!("it holds `{}`", bad.escape_debug())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// Where copies go: `ssh://[user@]host[:port]/path`, or a directory of another Btrfs on this host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetUrl(String);

impl TargetUrl {
    /// The URL as text, which btrbk takes as it is.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for TargetUrl {
    const FORMAT: &'static str = "podman-btrfs-target-url";
    const EXPECTED: &'static str = "a target: `ssh://[user@]host[:port]/path` or an absolute path, of a-z, A-Z, 0-9 and `_-.+@=,:[]` between single slashes";
    const PATTERN: &'static str = "^(ssh:/)?/[A-Za-z0-9_.+@=,:\\[\\]/-]+$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| {
            Err(format!(
                "`{}` is not {}: {why}",
                shown(text),
                Self::EXPECTED
            ))
        };
        let (host, path) = match text.strip_prefix("ssh://") {
            None => (None, text),
            Some(rest) => match rest.find('/') {
                Some(slash) => (Some(&rest[..slash]), &rest[slash..]),
                None => return refuse("the path is missing"),
            },
        };
        if let Err(message) = super::HostPath::parse(path) {
            // The path's own message names the path; its reason is the part behind the last colon.
            return refuse(message.rsplit_once(": ").map_or("its path", |(_, why)| why));
        }
        match host {
            Some(host) if host.is_empty() || host.starts_with(['-', '@']) => {
                refuse("the host is missing")
            }
            Some(host)
                if host.contains("@-")
                    || !host.chars().all(|c| {
                        c.is_ascii_alphanumeric()
                            || matches!(c, '_' | '-' | '.' | '@' | ':' | '[' | ']')
                    }) =>
            {
                refuse("the host holds a character that no host name has")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Display for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
text_serde!(ImageReference);
text_serde!(TargetUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_what_stands_between_registry_and_tag() {
        for (text, repository, short) in [
            ("postgres", "postgres", "postgres"),
            ("postgres:17", "postgres", "postgres"),
            (
                "docker.io/library/postgres:17@sha256:abc",
                "library/postgres",
                "postgres",
            ),
            ("localhost/mine", "mine", "mine"),
            ("registry:5000/a/b/c:1", "a/b/c", "c"),
            ("linuxserver/mariadb", "linuxserver/mariadb", "mariadb"),
        ] {
            let image = ImageReference::parse(text).unwrap();
            assert_eq!(
                (image.repository(), image.short_name()),
                (repository, short),
                "{text}"
            );
        }
    }

    #[test]
    fn an_image_that_podman_would_read_as_an_option_is_refused() {
        for text in ["--privileged", "a b", "", "a\nb", "$(x)"] {
            assert!(ImageReference::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn targets_are_ssh_or_a_path() {
        for text in [
            "ssh://backup@nas/srv/backup",
            "ssh://nas:2222/x",
            "ssh://[::1]/x",
            "/mnt/usb",
        ] {
            assert!(TargetUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "nas:/srv",
            "ssh://nas",
            "ssh:///x",
            "ssh://-oProxy/x",
            "ssh://a b/x",
            "/mnt/../x",
            "ssh://n/a b",
            "http://x/y",
        ] {
            assert!(TargetUrl::parse(text).is_err(), "{text}");
        }
    }
}
