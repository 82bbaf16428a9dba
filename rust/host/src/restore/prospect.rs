//! What a new host in the place of a lost one gets back of a copy of a workload from a target, and that it replaces nothing there.

use std::collections::BTreeSet;

use serde::Serialize;

use super::catalogue::{self, Point};
use super::journal::Journal;
use super::reading::SNAPPER;
use super::restorer::Restorer;
use super::{Outcome, Report, What, remote, when};
use crate::remote::{Remote as _, RemoteSnapshot, Target};
use crate::stop::Stop;
use crate::system::{Fault, NodeKind};

/// What would come back of a copy of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prospect {
    /// What is to be done.
    pub state: State,
    /// The point that comes back, by its name.
    pub point: Option<String>,
    /// When that was taken, in seconds since 1970.
    pub taken: Option<u64>,
    /// The seconds from then until now: what was written in them is lost.
    pub lost_seconds: Option<u64>,
    /// About how many bytes of data are received for it, before any compression.
    pub bytes: Option<u64>,
    /// Whether all of it shows one moment.
    pub one_moment: bool,
    /// The volumes that are in no snapshot, and stay empty.
    pub empty: Vec<String>,
    /// Newer points that were passed over, and why; why there is none. Each a sentence.
    pub notes: Vec<String>,
}

/// What is to be done with a copy of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It comes back.
    Waits,
    /// An earlier run began, and is gone on with.
    Begun,
    /// An earlier run brought it back.
    Recovered,
    /// The target has nothing of it that is whole.
    NoCopy,
    /// It has no volumes.
    NoVolumes,
}

impl Prospect {
    fn of(state: State) -> Self {
        Self {
            state,
            point: None,
            taken: None,
            lost_seconds: None,
            bytes: None,
            one_moment: true,
            empty: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl<'a> Restorer<'a> {
    fn target(&self) -> Result<&str, Stop> {
        let from = self.request.asked.from.as_deref();
        from.ok_or_else(|| Stop::Refused("a lost host is recovered from a target".into()))
    }

    /// Only looks.
    pub(super) fn prospect(&self, begun: Option<&Journal>) -> Result<Report, Stop> {
        let mut found = self.state(begun)?;
        let group = catalogue::group(&self.holders);
        let volumes = self.instance.volumes.keys();
        let is_held = |name: &&_| group.iter().any(|holder| holder.volumes.contains(*name));
        found.empty = volumes
            .filter(|name| !is_held(name))
            .map(ToString::to_string)
            .collect();
        Ok(Report {
            prospect: Some(found),
            ..self.report(Outcome::Estimated, None)
        })
    }

    fn state(&self, begun: Option<&Journal>) -> Result<Prospect, Stop> {
        if let Some(journal) = begun {
            return Ok(self.of_journal(State::Begun, journal));
        }
        if let Some(journal) = self.recovered()? {
            return Ok(self.of_journal(State::Recovered, journal));
        }
        if self.instance.volumes.is_empty() {
            return Ok(Prospect::of(State::NoVolumes));
        }
        let target = self.target()?;
        let sent_to = remote::targets(self.plan, self.instance);
        if !sent_to.contains(target) {
            let others: Vec<&str> = sent_to.into_iter().collect();
            let others = match others.as_slice() {
                [] => "no target".to_owned(),
                some => some.join(", "),
            };
            return Ok(Prospect {
                notes: vec![format!("the plan sends its snapshots to {others}")],
                ..Prospect::of(State::NoCopy)
            });
        }
        self.replaces_nothing()?;
        let (remote, found, notes) = self.newest_whole()?;
        let Some(point) = found else {
            return Ok(Prospect {
                notes,
                ..Prospect::of(State::NoCopy)
            });
        };
        let mut bytes = 0;
        for member in point.members.values() {
            bytes += remote.size(member, None)?;
        }
        Ok(Prospect {
            bytes: Some(bytes),
            one_moment: point.one_moment,
            notes,
            ..self.at(State::Waits, &point.id, point.taken)
        })
    }

    fn at(&self, state: State, point: &str, taken: u64) -> Prospect {
        Prospect {
            point: Some(point.to_owned()),
            taken: Some(taken),
            lost_seconds: Some(self.system.now().saturating_sub(taken)),
            ..Prospect::of(state)
        }
    }

    fn of_journal(&self, state: State, journal: &Journal) -> Prospect {
        self.at(state, &journal.point, journal.taken)
    }

    /// The restore from the target that was made already and not taken back.
    fn recovered(&self) -> Result<Option<&Journal>, Stop> {
        let target = self.target()?;
        let own = self
            .journals
            .iter()
            .filter(|one| one.copy == self.instance.name);
        let mut made = own.filter(|one| one.has_ended() && !one.is_undone);
        Ok(made.rfind(|one| one.asked.from.as_deref() == Some(target)))
    }

    /// Brings it back.
    pub(super) fn recover(&mut self) -> Result<Report, Stop> {
        if let Some(journal) = self.recovered()? {
            let found = self.of_journal(State::Recovered, journal);
            return Ok(Report {
                prospect: Some(found),
                ..self.report(Outcome::Restored, None)
            });
        }
        self.replaces_nothing()?;
        let (remote, found, notes) = self.newest_whole()?;
        let Some(point) = found else {
            return Err(Stop::Refused(notes.join("; ")));
        };
        let here = self.fetch(&remote, &point)?;
        self.restore_point(&here)
    }

    /// The newest point at the target that lacks nothing, is as old as was asked for, and was not taken on this host: that one shows
    /// what containers began here anew. Also says what was passed over.
    fn newest_whole(&self) -> Result<(Target<'a>, Option<Point>, Vec<String>), Stop> {
        let target = self.target()?;
        let (remote, points) = self.points_at(target)?;
        let born_here = self.born_here(&remote.list()?)?;
        let before = self.before()?;
        let (mut found, mut notes) = newest_whole(points, before, &born_here);
        if let Some(point) = &mut found {
            // Volumes that are not snapshotted together with the others stay as they are.
            let wanted = self.wanted_series(point)?;
            point.members.retain(|series, _| wanted.contains(series));
        } else {
            let at = self.request.asked.at.as_deref();
            let old = at.map_or_else(String::new, |at| {
                format!(" that is as old as {}", at.escape_debug())
            });
            notes.push(format!("{target} has no whole copy of it{old}"));
        }
        Ok((remote, found, notes))
    }

    /// Of what lies at the target, the names of what was taken on this host, and not received here.
    fn born_here(&self, there: &[RemoteSnapshot]) -> Result<BTreeSet<String>, Stop> {
        let mut own = BTreeSet::new();
        let filesystems: BTreeSet<_> = self.holders.iter().map(|one| &one.filesystem).collect();
        for filesystem in filesystems {
            let listed = self.listed(filesystem)?;
            let here = listed.values().filter(|one| one.received_uuid.is_none());
            own.extend(here.map(|one| one.uuid.clone()));
        }
        let is_own = |one: &&RemoteSnapshot| {
            one.received_uuid
                .as_ref()
                .is_some_and(|uuid| own.contains(uuid))
        };
        Ok(there
            .iter()
            .filter(is_own)
            .map(|one| one.name.clone())
            .collect())
    }

    /// Refused where something is in a place that would be replaced, unless that was allowed.
    pub(super) fn replaces_nothing(&self) -> Result<(), Stop> {
        let forbidden = [
            What::Recover {
                replace_fresh: false,
            },
            What::Prospect {
                replace_fresh: false,
            },
        ];
        if !forbidden.contains(&self.request.what) {
            return Ok(());
        }
        let mut full = Vec::new();
        for holder in catalogue::group(&self.holders) {
            let top = self.top(&holder.filesystem)?;
            let place = top.join(holder.path.as_str());
            for name in self.system.list(&place)?.unwrap_or_default() {
                let is_place = name == SNAPPER || self.is_planned(holder, &name)?;
                if !is_place && !self.is_empty_volume(holder, &place, &name)? {
                    full.push(format!("{}/{}", holder.path, name.escape_debug()));
                }
            }
        }
        if full.is_empty() {
            return Ok(());
        }
        let more = full.len().saturating_sub(5);
        full.truncate(5);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        Err(Stop::Refused(format!(
            "data is here already ({}{more}), and `recover` replaces none. If it is only what containers began anew on this host, \
             `--replace-fresh` brings the copy back and keeps that; `podman-btrfs restore PLAN {} --from {}` does so for this one",
            full.join(", "),
            self.instance.name,
            self.target()?
        )))
    }

    /// Whether a subvolume of its own is planned there.
    fn is_planned(&self, holder: &catalogue::Holder, name: &str) -> Result<bool, Fault> {
        let path = format!("{}/{name}", holder.path);
        let planned = self.filesystem(&holder.filesystem)?.subvolumes.iter();
        let mut planned = planned.map(|one| one.path.as_str());
        Ok(planned.any(|one| one == path))
    }

    /// A directory of a group that is a volume as `apply` makes it.
    fn is_empty_volume(
        &self,
        holder: &catalogue::Holder,
        place: &std::path::Path,
        name: &str,
    ) -> Result<bool, Fault> {
        let is_own = holder.volumes.iter().any(|volume| self.is_own(volume));
        if is_own || !holder.volumes.iter().any(|volume| volume.as_str() == name) {
            return Ok(false);
        }
        let node = self.system.look(&place.join(name))?;
        Ok(node.is_some_and(|node| node.kind == NodeKind::Directory && node.is_empty))
    }
}

fn newest_whole(
    points: Vec<Point>,
    before: u64,
    born_here: &BTreeSet<String>,
) -> (Option<Point>, Vec<String>) {
    let mut notes = Vec::new();
    for point in points.into_iter().rev() {
        let why = if point.taken > before {
            continue;
        } else if !point.missing.is_empty() {
            format!("lacks {}", point.missing.join(", "))
        } else if point.members.values().any(|name| born_here.contains(name)) {
            "was taken on this host, before its data was back".to_owned()
        } else {
            return (Some(point), notes);
        };
        let shown = when::shown(point.taken);
        notes.push(format!("{} of {shown} is passed over: it {why}", point.id));
    }
    (None, notes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::restore::catalogue::Origin;

    fn point(taken: u64, members: &[&str], missing: &[&str]) -> Point {
        let name = |series: &&str| ((*series).to_owned(), format!("{series}.{taken}"));
        Point {
            id: taken.to_string(),
            taken,
            origin: Origin::Btrbk,
            members: members.iter().map(name).collect::<BTreeMap<_, _>>(),
            missing: missing.iter().map(|one| (*one).to_owned()).collect(),
            one_moment: true,
            consistency: "crash".into(),
            record: None,
        }
    }

    #[test]
    fn the_newest_that_lacks_nothing_and_is_not_of_this_host_and_what_is_passed_over_is_said() {
        let all = || {
            vec![
                point(1, &["shop", "shop+db"], &[]),
                point(2, &["shop", "shop+db"], &[]),
                point(3, &["shop"], &["shop+db"]),
                point(4, &["shop", "shop+db"], &[]),
            ]
        };
        let born_here = BTreeSet::from(["shop+db.4".to_owned()]);
        let (found, notes) = newest_whole(all(), u64::MAX, &born_here);
        assert_eq!(found.unwrap().taken, 2);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("4 of ") && notes[0].ends_with("before its data was back"));
        assert!(notes[1].starts_with("3 of ") && notes[1].ends_with("lacks shop+db"));
        let (found, notes) = newest_whole(all(), 1, &born_here);
        assert_eq!((found.unwrap().taken, notes.len()), (1, 0));
        assert_eq!(newest_whole(all(), 0, &born_here), (None, Vec::new()));
    }
}
