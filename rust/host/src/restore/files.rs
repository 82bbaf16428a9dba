//! Single files and directories out of a point, into another directory or back into place. Nothing is stopped, and nothing is
//! written over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use podman_btrfs_core::plan::Placement;
use podman_btrfs_core::units::VolumeName;

use super::catalogue::Holder;
use super::restorer::Restorer;
use super::{Outcome, Report, when};
use crate::ledger;
use crate::stop::Stop;
use crate::system::{Fault, NodeKind, Put};

impl Restorer<'_> {
    pub(super) fn files(&mut self, paths: &[String], to: Option<&Path>) -> Result<Report, Stop> {
        let name = self.one_volume()?;
        let point = self.point()?;
        let gone = || Fault::Unexpected(format!("{name} lies in no subvolume of the plan"));
        let holder = self
            .holders
            .iter()
            .find(|holder| holder.volumes.contains(&name));
        let holder: Holder = holder.cloned().ok_or_else(gone)?;
        let member = point
            .members
            .get(&holder.series)
            .cloned()
            .ok_or_else(gone)?;
        let source = self.inside(&holder, &member, &name)?;
        let place = match to {
            None => self.inside(&holder, holder.path.as_str(), &name)?,
            Some(directory) => directory.to_owned(),
        };
        let wrong = self.what_is_wrong(&source, &place, paths, to.is_some())?;
        if !wrong.is_empty() {
            return Err(Stop::Refused(wrong.join("; ")));
        }
        let stamp = when::shown(self.system.now()).replace([' ', ':'], "-");
        let stamp = stamp.trim_end_matches("-UTC").to_owned();
        let mut notes = Vec::new();
        for path in paths {
            let last = path.rsplit('/').next().unwrap_or(path);
            let wanted = if to.is_some() { last } else { path };
            let aside = format!("{last}.before-restore-{stamp}");
            (self.told)(&format!("copying {}", path.escape_debug()));
            let put = self
                .system
                .put_below(&source.join(path), &place, wanted, &aside)?;
            notes.push(match put {
                Put::New => format!(
                    "{} is as it was at {}",
                    wanted.escape_debug(),
                    when::shown(point.taken)
                ),
                Put::Beside => format!(
                    "{} is as it was at {}; what was there is kept beside it as {}",
                    wanted.escape_debug(),
                    when::shown(point.taken),
                    aside.escape_debug()
                ),
            });
        }
        Ok(Report {
            notes,
            ..self.report(Outcome::Restored, None)
        })
    }

    fn one_volume(&self) -> Result<VolumeName, Stop> {
        let asked = self.asked_volumes()?;
        let all = || self.instance.volumes.keys();
        let mut found = if asked.is_empty() {
            all().cloned().collect()
        } else {
            asked
        };
        if let (Some(name), true) = (found.pop_first(), found.is_empty()) {
            return Ok(name);
        }
        let known: Vec<&str> = all().map(VolumeName::as_str).collect();
        Err(Stop::Refused(format!(
            "files are restored out of one volume: name it with `--volume`; {} has {}",
            self.instance.name,
            known.join(", ")
        )))
    }

    fn inside(
        &self,
        holder: &Holder,
        subvolume: &str,
        name: &VolumeName,
    ) -> Result<PathBuf, Fault> {
        let root = self.top(&holder.filesystem)?.join(subvolume);
        let planned = self.instance.volumes.get(name);
        let is_own = planned.is_some_and(|planned| planned.placement == Placement::OwnSubvolume);
        Ok(if is_own {
            root
        } else {
            root.join(name.as_str())
        })
    }

    /// All that stands against it, before anything is done.
    fn what_is_wrong(
        &self,
        source: &Path,
        place: &Path,
        paths: &[String],
        to_another: bool,
    ) -> Result<Vec<String>, Fault> {
        let mut wrong = Vec::new();
        let is_directory =
            |path: &Path| {
                let found = self.system.look(path)?;
                Ok::<_, Fault>(found.is_some_and(|node| {
                    matches!(node.kind, NodeKind::Directory | NodeKind::Subvolume)
                }))
            };
        if !is_directory(place)? {
            wrong.push(format!("there is no directory {}", place.display()));
        }
        let mut names = BTreeSet::new();
        for path in paths {
            let shown = path.escape_debug();
            if !ledger::is_below(path) {
                wrong.push(format!("`{shown}` is no path inside the volume: it is written without a slash at its beginning or end, and without `..`"));
                continue;
            }
            let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
            if to_another && !names.insert(last) {
                wrong.push(format!("`{shown}` has the same name as another one"));
            }
            // A link on the way is told with what it is.
            let listed = match self.system.list_below(source, above) {
                Ok(listed) => listed,
                Err(fault) => {
                    wrong.push(format!("`{shown}`: {fault}"));
                    continue;
                }
            };
            if !listed.is_some_and(|names| names.iter().any(|name| name == last)) {
                wrong.push(format!("`{shown}` is not in the snapshot"));
            }
            if !to_another
                && self
                    .system
                    .list_below(place, above)
                    .ok()
                    .flatten()
                    .is_none()
            {
                wrong.push(format!("`{shown}`: the directory that it was in is not there any more; restore that, or use `--to`"));
            }
        }
        Ok(wrong)
    }
}
