//! A target of the plan as it is read back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use podman_btrfs_core::observed::{ObservedSubvolume, Space};
use podman_btrfs_core::units::TargetUrl;

use super::directory;
use super::reach::Reach;
use super::stream::StreamSize;
use super::{Remote, RemoteSnapshot, fetch, raw};
use crate::observe::mountinfo::MountInfo;
use crate::observe::{snapshot_names, usage};
use crate::system::{Fault, System};

/// The attribute that a group's snapshots carry.
const RECORD: &str = "trusted.podman-btrfs.snapshot";
/// Names in one question: the text of a command is limited.
const AT_ONCE: usize = 200;

/// How copies lie at a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As subvolumes of its Btrfs.
    Subvolumes,
    /// As files that gpg encrypted.
    Encrypted {
        /// Where gpg finds the private key; `None`: where it looks by itself.
        gnupg_home: Option<PathBuf>,
    },
}

/// A directory of another Btrfs, here or where ssh leads to; of any filesystem, where copies are encrypted.
pub struct Target<'s> {
    name: String,
    path: PathBuf,
    reach: Reach,
    form: Form,
    system: &'s dyn System,
}

impl<'s> Target<'s> {
    /// The target of that name in the plan, with copies of that form. `identity`: the file of the key that ssh logs in with; `None`: as ssh finds it.
    #[must_use]
    pub fn new(
        name: &str,
        url: &TargetUrl,
        form: Form,
        identity: Option<PathBuf>,
        system: &'s dyn System,
    ) -> Self {
        Self {
            name: name.to_owned(),
            path: url.path().into(),
            reach: Reach::of(url, identity),
            form,
            system,
        }
    }

    /// The directory, there.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much room there is on its filesystem.
    pub fn space(&self) -> Result<Space, Fault> {
        let path = self.path.to_string_lossy();
        let printed = self.ask(true, &["btrfs", "filesystem", "usage", "-b", &path])?;
        usage::parse(&printed).ok_or_else(|| {
            Fault::Unexpected(format!(
                "`btrfs filesystem usage -b {path}` of {} printed something that is not understood",
                self.name
            ))
        })
    }

    fn ask(&self, as_root: bool, asked: &[&str]) -> Result<String, Fault> {
        self.reach.ask(self.system, &self.name, as_root, asked)
    }

    fn absent(&self, why: String) -> Fault {
        Fault::Absent {
            what: self.name.clone(),
            why,
        }
    }

    /// Whether copies lie there as encrypted files.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.form != Form::Subvolumes
    }

    /// The directory without links, and what is mounted there.
    fn resolved(&self) -> Result<(String, Vec<MountInfo>), Fault> {
        let path = self.path.to_string_lossy();
        // First, so that what is mounted at the first look is.
        let resolved = match self.ask(false, &["readlink", "-e", &path]) {
            Ok(resolved) => Some(resolved.trim_end_matches('\n').to_owned()),
            Err(Fault::Program { status: 1, .. }) => None,
            Err(fault) => return Err(fault),
        };
        // Also because a login that runs nothing, as that of a user without a shell, ends as if nothing were there.
        let mounts = directory::mounts(&self.ask(false, &["cat", "/proc/self/mountinfo"])?)?;
        let Some(resolved) = resolved else {
            return Err(self.absent(format!("{path} is not there")));
        };
        if self.reach == Reach::Here {
            self.must_be_mounted(&mounts, Path::new(&resolved))?;
        }
        Ok((resolved, mounts))
    }

    /// The directory without links, and where it lies below the top level.
    fn place(&self) -> Result<(String, String), Fault> {
        let (resolved, mounts) = self.resolved()?;
        let (place, _) =
            directory::place(&mounts, Path::new(&resolved)).map_err(|why| self.absent(why))?;
        Ok((resolved, place))
    }

    /// The mount point of a disk of this host whose commits do not wait for data: after a power cut a copy can look whole there, and lack
    /// some (`flushoncommit` in `btrfs(5)`; proof: `received-copy-is-whole-before-its-data`). `None`: there is no such, or it is another
    /// host's, whose receiver sees to it.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn commits_before_data(&self) -> Result<Option<String>, Fault> {
        if self.reach != Reach::Here || self.is_encrypted() {
            return Ok(None);
        }
        let (resolved, mounts) = self.resolved()?;
        let (_, mount) =
            directory::place(&mounts, Path::new(&resolved)).map_err(|why| self.absent(why))?;
        let waits = mount.options.iter().any(|one| one == "flushoncommit");
        Ok((!waits).then(|| mount.mount_point.clone()))
    }

    /// A disk that comes and goes leaves its directory behind, which is then another filesystem's. What `fstab` mounts at it or above
    /// it is mounted, or the target is not here.
    fn must_be_mounted(&self, mounts: &[MountInfo], path: &Path) -> Result<(), Fault> {
        let text = self.system.read(Path::new("/etc/fstab"))?;
        let points = text
            .iter()
            .flat_map(|text| text.lines())
            .filter_map(|line| {
                let line = line.trim_start();
                let point = line.split_whitespace().nth(1)?;
                (!line.starts_with('#') && point.starts_with('/')).then_some(point)
            });
        for point in points {
            let is_above = path.starts_with(point);
            if is_above && !mounts.iter().any(|mount| mount.mount_point == point) {
                return Err(self.absent(format!("{point} is not mounted")));
            }
        }
        Ok(())
    }

    fn subvolumes(&self) -> Result<BTreeMap<String, ObservedSubvolume>, Fault> {
        let (resolved, place) = self.place()?;
        let list = |options: &[&str]| {
            let all = [&["btrfs", "subvolume", "list", "-a"], options, &[&resolved]].concat();
            self.ask(true, &all)
        };
        directory::inside(&place, &list(&["-p", "-u", "-q", "-R"])?, &list(&["-r"])?)
    }

    /// What lies there as files.
    fn files(&self) -> Result<Vec<RemoteSnapshot>, Fault> {
        let (resolved, _) = self.resolved()?;
        let sizes = self.ask(false, &raw::ask_sizes(&resolved))?;
        // Behind the sizes: what is there by then has its file.
        raw::parse(&sizes, &self.ask(false, &raw::ask_infos(&resolved))?)
    }

    /// The copy of that name, which is one.
    fn whole(&self, name: &str) -> Result<RemoteSnapshot, Fault> {
        let mut all = self.list()?.into_iter();
        let found = all.find(|one| one.name == name).ok_or_else(|| {
            Fault::Unexpected(format!(
                "{} has no copy `{}`; without `--fetch` what lies there is told",
                self.name,
                name.escape_debug()
            ))
        })?;
        if found.is_whole() {
            return Ok(found);
        }
        let lacks = found.raw.as_ref().and_then(|raw| raw.lacks.as_ref());
        let why = lacks.map_or_else(|| "was not received to its end".into(), raw::Lack::shown);
        Err(Fault::Unexpected(format!(
            "the copy {name} of {} is not whole: it {why}; another one is to be taken",
            self.name
        )))
    }

    fn at(&self, name: &str) -> Result<String, Fault> {
        if !is_name(name) {
            return Err(Fault::Unexpected(format!(
                "`{}` is no name of a copy",
                name.escape_debug()
            )));
        }
        Ok(self.path.join(name).to_string_lossy().into_owned())
    }

    /// The command here that prints the stream of a copy.
    fn send(
        &self,
        options: &[&str],
        name: &str,
        parent: Option<&str>,
    ) -> Result<Vec<String>, Fault> {
        let parent = parent.map(|parent| self.at(parent)).transpose()?;
        let name = self.at(name)?;
        let mut asked = [&["btrfs", "send", "-q"], options].concat();
        if let Some(parent) = &parent {
            asked.extend(["-p", parent]);
        }
        asked.push(&name);
        Ok(self.reach.command(true, &asked))
    }

    /// Brings an encrypted one here, after all that it is a difference from and that is not here.
    fn fetch_encrypted(
        &self,
        wanted: &RemoteSnapshot,
        gnupg_home: Option<&Path>,
        into: &Path,
    ) -> Result<PathBuf, Fault> {
        let all = self.list()?;
        let mut chain = vec![wanted];
        while let Some(parent) = chain.last().and_then(|one| parent_of(one, &all)) {
            let is_here = directory::here(self.system, into)?
                .values()
                .any(|here| fetch::is_same(here, parent));
            if is_here || chain.contains(&parent) {
                break;
            }
            chain.push(parent);
        }
        let mut place = into.join(&wanted.name);
        for one in chain.into_iter().rev() {
            let Some(file) = &one.raw else { continue };
            let path = self.at(&file.file)?;
            let home = gnupg_home.map(|home| home.to_string_lossy());
            let mut commands = vec![self.reach.command(false, &["cat", &path])];
            commands.extend(raw::opened(file, home.as_deref()));
            place = fetch::fetch(self.system, one, &commands, into, fetch::Proof::AtItsEnd)
                .map_err(|fault| {
                    self.reach
                        .explained(&self.name, raw::explained(&one.name, fault))
                })?;
        }
        Ok(place)
    }
}

/// What a file is a difference from.
fn parent_of<'l>(one: &RemoteSnapshot, all: &'l [RemoteSnapshot]) -> Option<&'l RemoteSnapshot> {
    let parent = one.raw.as_ref()?.parent.as_ref()?;
    let mut all = all.iter();
    all.find(|other| other.is_whole() && other.received_uuid.as_ref() == Some(parent))
}

/// A name as the receiver's guard takes it: neither a path nor an option, and nothing that a shell reads as more.
pub(super) fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphanumeric() || "_@+:".contains(c);
    name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c == '.' || c == '-')
}

impl Remote for Target<'_> {
    fn list(&self) -> Result<Vec<RemoteSnapshot>, Fault> {
        if self.is_encrypted() {
            return self.files();
        }
        let all = self.subvolumes()?.into_iter().filter_map(|(name, one)| {
            // What has another name is not btrbk's, and none of ours.
            let (series, taken) = snapshot_names::btrbk(&name).filter(|_| is_name(&name))?;
            Some(RemoteSnapshot {
                series: series.to_owned(),
                taken,
                uuid: one.uuid,
                received_uuid: one.received_uuid,
                read_only: one.read_only,
                raw: None,
                name,
            })
        });
        Ok(all.collect())
    }

    fn records(&self, names: &[&str]) -> Result<BTreeMap<String, String>, Fault> {
        let mut found = BTreeMap::new();
        if self.is_encrypted() {
            // It is inside.
            return Ok(found);
        }
        let matching = format!("--match=^{RECORD}$");
        for some in names.chunks(AT_ONCE) {
            let paths = some.iter().map(|name| self.at(name));
            let paths = paths.collect::<Result<Vec<_>, _>>()?;
            let mut asked = vec!["getfattr", "--absolute-names", "--no-dereference"];
            asked.extend(["--encoding=hex", "--dump", &matching]);
            asked.extend(paths.iter().map(String::as_str));
            found.extend(attributes(&self.ask(true, &asked)?));
        }
        Ok(found)
    }

    fn size(&self, name: &str, parent: Option<&str>) -> Result<u64, Fault> {
        let whole = self.whole(name)?;
        if let Some(file) = whole.raw {
            return Ok(file.bytes);
        }
        let command = self.send(&["--no-data"], name, parent)?;
        size(self.system, &command).map_err(|fault| self.reach.explained(&self.name, fault))
    }

    fn fetch(&self, name: &str, into: &Path, parent: Option<&str>) -> Result<PathBuf, Fault> {
        let wanted = self.whole(name)?;
        if let Form::Encrypted { gnupg_home } = &self.form {
            if parent.is_some() {
                return Err(Fault::Unexpected(format!(
                    "{} holds encrypted files, of which none is sent as a difference; leave `--parent` out",
                    self.name
                )));
            }
            return self.fetch_encrypted(&wanted, gnupg_home.as_deref(), into);
        }
        let command = self.send(&[], name, parent)?;
        let proof = fetch::Proof::ByTheKernel;
        fetch::fetch(self.system, &wanted, &[command], into, proof)
            .map_err(|fault| self.reach.explained(&self.name, fault))
    }
}

/// How much a command that prints a stream without data stands for.
pub(super) fn size(system: &dyn System, command: &[String]) -> Result<u64, Fault> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut size = StreamSize::default();
    system.stream(&[&words], &mut |chunk| size.see(chunk))?;
    Ok(size.bytes())
}

/// What `getfattr --dump --encoding=hex` printed: a line with the path, one for each attribute, an empty one.
fn attributes(printed: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut name = None;
    for line in printed.lines() {
        if let Some(path) = line.strip_prefix("# file: ") {
            name = path.rsplit('/').next().map(str::to_owned);
        } else if let Some((attribute, value)) = line.split_once("=0x")
            && attribute == RECORD
            && let (Some(name), Some(text)) = (name.take(), text(value))
        {
            found.insert(name, text);
        }
    }
    found
}

/// Text from hexadecimal digits.
fn text(digits: &str) -> Option<String> {
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    };
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    #[test]
    fn records_are_read_by_name() {
        let printed = "# file: /srv/backup/shop/shop.20261127T071304+0000\n\
            trusted.podman-btrfs.snapshot=0x7b7d\n\n\
            # file: /srv/backup/shop/b\ntrusted.other=0x7b\n\n";
        let found = attributes(printed);
        assert_eq!(found.len(), 1);
        assert_eq!(found["shop.20261127T071304+0000"], "{}");
        assert_eq!(text("zz"), None);
    }

    #[test]
    fn a_name_is_neither_a_path_nor_an_option() {
        for name in ["shop.20261127T071304+0000", "a@2+b.x_1", "no"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", "-f", "a/b", "a b", "a'b", "a\n", "$a", ".x"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn records_of_any_kind() {
        let sample = "# file: /srv/backup/shop/shop.20261127T071304+0000\n\
            trusted.podman-btrfs.snapshot=0x7b7dc3a9\n\n# file: /srv/b\ntrusted.other=0x7b\n\n";
        damage::each(&[sample], |text| {
            assert!(attributes(text).keys().all(|name| !name.contains('/')));
        });
    }
}
