//! References to things elsewhere: an image in a registry, a target on another machine.

use std::fmt;

use super::digest::Digest;
use super::name::{Name, UserName, VolumeName, WorkloadName, shown};
use super::text::{Text, text_serde};

/// A volume of some workload: `shop/media`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeReference {
    /// The workload that owns it.
    pub workload: WorkloadName,
    /// Its name there.
    pub volume: VolumeName,
}

impl Text for VolumeReference {
    const FORMAT: &'static str = "podman-btrfs-volume-reference";
    const EXPECTED: &'static str = "a volume of a workload, such as `shop/media`";
    const PATTERN: &'static str =
        "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

    fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED);
        let (workload, volume) = text
            .split_once('/')
            .ok_or_else(|| refuse("it holds no `/`"))?;
        Ok(Self {
            workload: Name::parse(workload).map_err(|why| refuse(&why))?,
            volume: Name::parse(volume).map_err(|why| refuse(&why))?,
        })
    }
}

impl fmt::Display for VolumeReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.workload, self.volume)
    }
}
text_serde!(VolumeReference);

/// An image reference: `[registry[:port]/]path[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageReference(String);

impl ImageReference {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reference by a digest, whatever its own tag or digest: `docker.io/library/postgres@sha256:…`.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Self {
        let name = match self.registry() {
            Some(registry) => format!("{registry}/{}", self.repository()),
            None => self.repository().to_owned(),
        };
        Self(format!("{name}@{digest}"))
    }

    /// Registry, repository with tag, and digest.
    fn parts(&self) -> (Option<&str>, &str, Option<&str>) {
        let (name, digest) = match self.0.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (self.0.as_str(), None),
        };
        match name.split_once('/') {
            // A first component with a dot, a port, or `localhost` is a registry's host.
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
                (Some(host), path, digest)
            }
            _ => (None, name, digest),
        }
    }

    /// The registry; absent where the reference leaves it to `registries.conf`.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.parts().0
    }

    /// The repository without registry, tag and digest: `library/postgres`.
    #[must_use]
    pub fn repository(&self) -> &str {
        let (_, path, _) = self.parts();
        path.split_once(':').map_or(path, |(name, _)| name)
    }

    /// The tag, where there is one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        let (_, path, _) = self.parts();
        path.split_once(':').map(|(_, tag)| tag)
    }

    /// The digest, where there is one.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.parts().2
    }

    /// True when a digest says which image it is, whatever its tag comes to mean.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.digest().is_some()
    }

    /// The repository as people say it: without the `library/` of official images.
    #[must_use]
    pub fn familiar_name(&self) -> &str {
        let repository = self.repository();
        repository.strip_prefix("library/").unwrap_or(repository)
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
    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who logs in there, where the URL says so.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        let (user, _) = self.authority()?.split_once('@')?;
        Some(user)
    }

    /// The URL without the user: btrbk takes `ssh://host[:port]/path`, and the user as an option.
    #[must_use]
    pub fn address(&self) -> String {
        match self.user() {
            Some(user) => self.0.replacen(&format!("{user}@"), "", 1),
            None => self.0.clone(),
        }
    }

    /// The host, without the brackets of an IPv6 address, and the port where one is named; `None`: a directory of this host.
    #[must_use]
    pub fn host(&self) -> Option<(&str, Option<&str>)> {
        let authority = self.authority()?;
        let address = authority
            .split_once('@')
            .map_or(authority, |(_, address)| address);
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (address, None),
        };
        Some((host.trim_matches(['[', ']']), port))
    }

    /// The directory, there.
    #[must_use]
    pub fn path(&self) -> &str {
        let Some(rest) = self.0.strip_prefix("ssh://") else {
            return &self.0;
        };
        rest.find('/')
            .and_then(|slash| rest.get(slash..))
            .unwrap_or("/")
    }

    fn authority(&self) -> Option<&str> {
        let rest = self.0.strip_prefix("ssh://")?;
        Some(
            rest.split_once('/')
                .map_or(rest, |(authority, _)| authority),
        )
    }
}

/// Says what is wrong with `[user@]host[:port]`; what is accepted is what btrbk accepts.
fn check_authority(authority: &str) -> Result<(), &'static str> {
    let (user, address) = match authority.split_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    if user.is_some_and(|user| UserName::parse(user).is_err()) {
        return Err("the user is none: a-z, 0-9, `_` and `-`, beginning with a letter or `_`");
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    if port.is_some_and(|port| {
        !port.parse::<u16>().is_ok_and(|number| number > 0) || port.starts_with(['0', '+'])
    }) {
        return Err("the port is no number of 1 to 65535");
    }
    let is_bracketed = host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .is_some_and(|inner| {
            inner.len() > 2
                && inner.matches(':').count() >= 2
                && inner.chars().all(|c| c.is_ascii_hexdigit() || c == ':')
        });
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if host.is_empty() {
        Err("the host is missing")
    } else if is_bracketed || host.split('.').all(is_label) {
        Ok(())
    } else {
        Err("the host is neither a host name nor an address (IPv6 in square brackets)")
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
        match host.map(check_authority) {
            Some(Err(why)) => refuse(why),
            Some(Ok(())) | None => Ok(Self(text.to_owned())),
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
    fn a_reference_by_digest_keeps_registry_and_repository_only() {
        let digest = Digest::parse(&format!("sha256:{}", "a".repeat(64))).unwrap();
        for (text, name) in [
            ("postgres", "postgres"),
            ("registry:5000/a/b", "registry:5000/a/b"),
            ("registry:5000/a/b:1", "registry:5000/a/b"),
            ("ghcr.io/a/b:1@sha256:00", "ghcr.io/a/b"),
        ] {
            let image = ImageReference::parse(text).unwrap();
            assert_eq!(image.at(&digest).as_str(), format!("{name}@{digest}"));
        }
    }

    #[test]
    fn registry_tag_and_digest_are_told_apart() {
        for (text, registry, tag, digest) in [
            ("postgres", None, None, None),
            ("postgres:17", None, Some("17"), None),
            (
                "docker.io/library/postgres:17@sha256:abc",
                Some("docker.io"),
                Some("17"),
                Some("sha256:abc"),
            ),
            ("localhost/mine", Some("localhost"), None, None),
            (
                "registry:5000/a/b/c:1",
                Some("registry:5000"),
                Some("1"),
                None,
            ),
            (
                "linuxserver/mariadb@sha256:abc",
                None,
                None,
                Some("sha256:abc"),
            ),
        ] {
            let image = ImageReference::parse(text).unwrap();
            assert_eq!(
                (image.registry(), image.tag(), image.digest()),
                (registry, tag, digest),
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
            "ssh://Back.up@nas/x",
            "ssh://a@b@c/x",
            "ssh://my_nas/x",
            "ssh://nas:/x",
            "ssh://nas:0/x",
            "ssh://nas:65536/x",
            "ssh://::1/x",
            "ssh://[::]/x",
        ] {
            assert!(TargetUrl::parse(text).is_err(), "{text}");
        }
    }
    #[test]
    fn the_user_of_a_target_is_apart_from_its_address() {
        let parts = |text| {
            let url = TargetUrl::parse(text).unwrap();
            (url.user().map(str::to_owned), url.address())
        };
        assert_eq!(
            parts("ssh://ssh@ssh:22/srv/ssh@2"),
            (Some("ssh".into()), "ssh://ssh:22/srv/ssh@2".into())
        );
        assert_eq!(parts("ssh://nas/a@b"), (None, "ssh://nas/a@b".into()));
        assert_eq!(parts("/mnt/a@b"), (None, "/mnt/a@b".into()));
    }

    #[test]
    fn a_target_is_a_directory_of_some_host() {
        let parts = |text| {
            let url = TargetUrl::parse(text).unwrap();
            let host = url.host().map(|(host, port)| format!("{host} {port:?}"));
            format!("{host:?} {}", url.path())
        };
        assert_eq!(
            parts("ssh://ssh@ssh:22/srv/ssh@2"),
            r#"Some("ssh Some(\"22\")") /srv/ssh@2"#
        );
        assert_eq!(parts("ssh://[::1]/x"), r#"Some("::1 None") /x"#);
        assert_eq!(parts("ssh://[::1]:7/x"), r#"Some("::1 Some(\"7\")") /x"#);
        assert_eq!(parts("/mnt/a@b"), "None /mnt/a@b");
    }
}
