//! A restore under another name, beside what is in use: nothing is stopped and nothing replaced.

use podman_btrfs_core::plan::MountRole;
use podman_btrfs_core::units::WorkloadName;

use super::journal::Item;
use super::restorer::Restorer;
use super::{Outcome, Report, when};
use crate::stop::Stop;
use crate::system::Fault;

/// How the name of what is being made begins.
const RESTORING: &str = ".podman-btrfs-restoring-";

impl Restorer<'_> {
    pub(super) fn beside(&mut self, name: &WorkloadName) -> Result<Report, Stop> {
        let point = self.point()?;
        let mut items = Vec::new();
        for series in self.wanted_series(&point)? {
            items.push(self.item_beside(name, &point.members, &series)?);
        }
        self.are_free(&items)?;
        let mut notes = Vec::new();
        for item in &mut items {
            self.make(item)?;
            let (from, to) = (self.aside(item)?, self.place(item)?);
            self.system.rename(&from, &to)?;
            let top = self.top(&item.filesystem)?.to_string_lossy();
            let arguments = ["filesystem", "sync", "--", &*top];
            self.system.run("btrfs", &arguments)?;
            notes.push(self.how_to_end(item)?);
        }
        notes.insert(
            0,
            format!("it shows {} ({}) and can be written; nothing else uses it, and no snapshot is taken of it", when::shown(point.taken), point.id),
        );
        Ok(Report {
            notes,
            ..self.report(Outcome::Restored, None)
        })
    }

    fn item_beside(
        &self,
        name: &WorkloadName,
        members: &std::collections::BTreeMap<String, String>,
        series: &str,
    ) -> Result<Item, Stop> {
        let gone = || Fault::Unexpected(format!("{series} is no series of {}", self.instance.name));
        let holder = self.holders.iter().find(|holder| holder.series == series);
        let holder = holder.ok_or_else(gone)?;
        let source = members.get(series).ok_or_else(gone)?;
        let rest = series.strip_prefix(self.instance.name.as_str());
        let rest = rest.unwrap_or_else(|| series.find('+').map_or("", |at| &series[at..]));
        let volumes = self
            .filesystem(&holder.filesystem)?
            .subvolume_of(MountRole::Volumes);
        let volumes = volumes.ok_or_else(|| {
            Fault::Unexpected(format!(
                "the plan has no place for volumes on {}",
                holder.filesystem
            ))
        })?;
        let item = self.subvolume(holder, source, "as", &self.listed(&holder.filesystem)?)?;
        let mut of_it = item.volumes;
        for volume in &mut of_it {
            let own = volume
                .key
                .rsplit_once('/')
                .map_or("", |(_, own)| own)
                .to_owned();
            volume.key = format!("{name}/{own}");
            // A volume of its own, which is not taken for the one in use.
            volume.id = None;
        }
        Ok(Item {
            place: format!("{volumes}/{name}{rest}"),
            beside: format!("{volumes}/{RESTORING}{name}{rest}"),
            old: None,
            volumes: of_it,
            ..item
        })
    }

    fn are_free(&self, items: &[Item]) -> Result<(), Stop> {
        for item in items {
            let planned = &self.filesystem(&item.filesystem)?.subvolumes;
            if planned.iter().any(|one| one.path.as_str() == item.place) {
                return Err(Stop::Refused(format!(
                    "{} is planned; choose another name",
                    item.place
                )));
            }
            if self.system.look(&self.place(item)?)?.is_some() {
                return Err(Stop::Refused(format!(
                    "{} is there already; choose another name",
                    item.place
                )));
            }
        }
        Ok(())
    }

    fn how_to_end(&self, item: &Item) -> Result<String, Fault> {
        let filesystem = self.filesystem(&item.filesystem)?;
        let name = item.place.rsplit('/').next().unwrap_or(&item.place);
        let path = filesystem.mount_point.join(name);
        Ok(format!(
            "it is {path}; `btrfs subvolume delete {path}` ends it"
        ))
    }
}
