//! Paths on the host, in a container, of a device, and of a subvolume below a filesystem's top level.

use std::fmt;

use super::name::{FilesystemName, shown};
use super::text::{Text, text_serde};

/// `PATH_MAX` of Linux, less the terminating zero.
const MAX_LENGTH: usize = 4095;
/// Room that we need below a declared directory for names and snapshot timestamps.
const MAX_HOST_LENGTH: usize = 1024;

fn check_absolute(text: &str, allowed: fn(char) -> bool, max: usize) -> Result<(), String> {
    if !text.starts_with('/') {
        return Err("it does not begin with `/`".into());
    }
    if text.len() > max {
        return Err(format!("it has {} bytes, {max} at most", text.len()));
    }
    if let Some(bad) = text.chars().find(|&c| c != '/' && !allowed(c)) {
        return Err(format!("it holds `{}`", bad.escape_debug()));
    }
    if text.len() > 1 && text.ends_with('/') {
        return Err("it ends with `/`".into());
    }
    for component in text.split('/').skip(1) {
        match component {
            "" if text.len() > 1 => return Err("it holds `//`".into()),
            "." | ".." => return Err(format!("it holds the component `{component}`")),
            _ if component.len() > 255 => {
                return Err("a component has more than 255 bytes".into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Characters that need no quoting in fstab, systemd units, btrbk's and snapper's files and TOML alike.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '@' | '=' | ',')
}

fn is_device(c: char) -> bool {
    is_plain(c) || c == ':'
}

/// In a container anything printable may stand, except what `--volume` reads as a separator.
fn is_in_container(c: char) -> bool {
    !c.is_control() && !matches!(c, ':' | '\u{2028}' | '\u{2029}')
}

macro_rules! absolute_path {
    ($(#[$doc:meta])* $name:ident, $format:literal, $expected:literal, $pattern:literal, $allowed:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The path as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// True when `other` is this path or lies below it.
            #[must_use]
            pub fn contains(&self, other: &Self) -> bool {
                self.0 == "/"
                    || other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }

        impl Text for $name {
            const FORMAT: &'static str = $format;
            const EXPECTED: &'static str = $expected;
            const PATTERN: &'static str = $pattern;

            fn parse(text: &str) -> Result<Self, String> {
                check_absolute(text, $allowed, $max)
                    .map_err(|why| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED))?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_serde!($name);
    };
}

absolute_path!(
    /// A directory or mount point on the host.
    HostPath,
    "podman-btrfs-host-path",
    "an absolute path on the host, of a-z, A-Z, 0-9 and `_-.+@=,` between single slashes",
    "^/[A-Za-z0-9_.+@=,/-]*$",
    is_plain,
    MAX_HOST_LENGTH
);
absolute_path!(
    /// A path inside a container, where a volume is mounted.
    ContainerPath,
    "podman-btrfs-container-path",
    "an absolute path in a container, without `:`, `..` and control characters",
    "^/[^:]*$",
    is_in_container,
    MAX_LENGTH
);
absolute_path!(
    /// A block device, best by its `/dev/disk/by-id` name, which does not change between boots.
    DevicePath,
    "podman-btrfs-device-path",
    "the absolute path of a device, of a-z, A-Z, 0-9 and `_-.+@=,:` between single slashes",
    "^/[A-Za-z0-9_.+@=,:/-]*$",
    is_device,
    MAX_HOST_LENGTH
);

impl HostPath {
    /// Where a filesystem's volumes appear when the declaration does not say: `/srv/<name>`.
    #[must_use]
    pub fn below_srv(filesystem: &FilesystemName) -> Self {
        Self(format!("/srv/{filesystem}"))
    }

    /// This path with one more component or relative path, which our own names and subvolumes are.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        if self.0 == "/" {
            Self(format!("/{relative}"))
        } else {
            Self(format!("{}/{relative}", self.0))
        }
    }

    /// The directory above, or `None` for `/`.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (above, last) = self.0.rsplit_once('/')?;
        match (above, last) {
            ("", "") => None,
            ("", _) => Some(Self("/".into())),
            _ => Some(Self(above.to_owned())),
        }
    }
}

/// A subvolume's path below its filesystem's top level, without a leading slash: `@volumes/shop`.
///
/// Made by the planner only, out of names that are already parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubvolumePath(String);

impl SubvolumePath {
    /// Its components, from the top.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with one more component.
    #[must_use]
    pub fn join(&self, component: &str) -> Self {
        Self(format!("{}/{component}", self.0))
    }
}

impl Text for SubvolumePath {
    const FORMAT: &'static str = "podman-btrfs-subvolume-path";
    const EXPECTED: &'static str =
        "a subvolume's path below the top level: components of a-z, A-Z, 0-9 and `_-.+@=,`";
    const PATTERN: &'static str = "^[A-Za-z0-9_.+@=,-][A-Za-z0-9_.+@=,/-]*$";

    fn parse(text: &str) -> Result<Self, String> {
        check_absolute(&format!("/{text}"), is_plain, MAX_HOST_LENGTH)
            .and_then(|()| {
                if text.is_empty() {
                    Err("it is empty".into())
                } else {
                    Ok(())
                }
            })
            .map_err(|why| format!("`{}` is not {}: {why}", shown(text), Self::EXPECTED))?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SubvolumePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_serde!(SubvolumePath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_escapes_is_refused() {
        for path in [
            "srv",
            "/srv/../etc",
            "/srv//x",
            "/srv/",
            "/a b",
            "/a\nb",
            "/$x",
            "/a\"b",
            "/a%b",
        ] {
            assert!(HostPath::parse(path).is_err(), "{path:?}");
        }
        assert!(HostPath::parse(&format!("/{}", "x".repeat(300))).is_err());
    }

    #[test]
    fn a_container_path_may_hold_a_blank_but_no_colon() {
        assert!(ContainerPath::parse("/data/My Files").is_ok());
        assert!(ContainerPath::parse("/data:ro").is_err());
        assert!(ContainerPath::parse("/data\n").is_err());
    }

    #[test]
    fn containing_goes_by_components() {
        let path = |text| ContainerPath::parse(text).unwrap();
        assert!(path("/var/lib").contains(&path("/var/lib/x")));
        assert!(path("/").contains(&path("/var")));
        assert!(!path("/var/lib").contains(&path("/var/library")));
    }

    #[test]
    fn the_parent_of_the_root_is_nothing() {
        assert_eq!(HostPath::parse("/").unwrap().parent(), None);
        assert_eq!(
            HostPath::parse("/srv").unwrap().parent().unwrap().as_str(),
            "/"
        );
        assert_eq!(
            HostPath::parse("/srv/x")
                .unwrap()
                .parent()
                .unwrap()
                .as_str(),
            "/srv"
        );
    }
}
