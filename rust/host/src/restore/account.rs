//! What a restore does, told before it is done.

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::spec::SnapshotTool;
use podman_btrfs_core::units::TargetName;
use serde::Serialize;

use super::catalogue::Point;
use super::journal::{Item, Journal, Made, UNDO};
use super::restorer::Restorer;
use super::{Outcome, Report, What, when};
use crate::stop::Stop;
use crate::system::Fault;
use crate::units::Unit;

/// What a restore does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What is done, in a few words.
    pub what: String,
    /// When what is put in place was taken, in seconds since 1970.
    pub taken: u64,
    /// The seconds from then until now: what was written in them is only in the undo point.
    pub lost_seconds: u64,
    /// What is replaced.
    pub replaced: Vec<Replaced>,
    /// The running units that are stopped and started again.
    pub units: Vec<String>,
    /// Until when what is replaced is kept, in seconds since 1970.
    pub kept_until: u64,
    /// What the next backup does, each a sentence.
    pub next_backup: Vec<String>,
}

/// One thing that is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// Where it is in use, below the top level of its filesystem.
    pub place: String,
    /// What it becomes.
    pub from: String,
    /// Where it is kept; absent where nothing is there.
    pub kept_in: Option<String>,
    /// What takes longer than a snapshot, each a sentence.
    pub made: Vec<String>,
}

impl Account {
    /// In lines.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut lines = vec![self.what.clone()];
        for one in &self.replaced {
            lines.push(match &one.kept_in {
                Some(kept) => format!(
                    "  {} becomes what {} holds; what is there now is kept as {kept} until {}",
                    one.place,
                    one.from,
                    crate::migrate::day(self.kept_until)
                ),
                None => format!(
                    "  {} is not there, and becomes what {} holds",
                    one.place, one.from
                ),
            });
            lines.extend(one.made.iter().map(|made| format!("  {made}")));
        }
        lines.push(format!(
            "  no longer in use afterwards: what was written in the last {}",
            when::span(self.lost_seconds)
        ));
        lines.push(match self.units.as_slice() {
            [] => "  no unit is running that would be stopped".to_owned(),
            units => format!("  stopped and started again: {}", units.join(", ")),
        });
        lines.extend(self.next_backup.iter().map(|next| format!("  {next}")));
        lines.join("\n")
    }
}

impl Restorer<'_> {
    pub(super) fn account(&self, journal: &Journal, point: &Point) -> Result<Account, Fault> {
        let moment = match (point.one_moment, journal.items.len()) {
            (_, 1) | (true, _) => "one moment",
            (false, _) => "not one moment: each subvolume shows its own",
        };
        let what = format!(
            "restore {} to {} ({}, taken by {}; {moment}; consistency: {})",
            journal.copy,
            when::shown(point.taken),
            point.id,
            point.origin.shown(),
            point.consistency
        );
        self.account_of(journal, what)
    }

    pub(super) fn account_of_undo(&self, journal: &Journal) -> Result<Account, Fault> {
        let what = if journal.is_undone {
            format!(
                "take back the restore of {} to {}, of {}",
                journal.copy,
                journal.point,
                when::shown(journal.exchanged.unwrap_or(journal.started))
            )
        } else {
            format!(
                "take back the undo, and restore {} to {} again",
                journal.copy, journal.point
            )
        };
        let mut account = self.account_of(journal, what)?;
        account.taken = journal.exchanged.unwrap_or(journal.started);
        account.lost_seconds = self.system.now().saturating_sub(account.taken);
        for (one, item) in account.replaced.iter_mut().zip(&journal.items) {
            one.from.clone_from(&item.beside);
            one.made.clear();
        }
        account.next_backup = next(self.plan, journal, true);
        Ok(account)
    }

    fn account_of(&self, journal: &Journal, what: String) -> Result<Account, Fault> {
        const DAY: u64 = 24 * 60 * 60;
        let now = self.system.now();
        let running = self.running(journal)?;
        Ok(Account {
            what,
            taken: journal.taken,
            lost_seconds: now.saturating_sub(journal.taken),
            replaced: journal.items.iter().map(replaced).collect(),
            units: running.iter().map(Unit::shown).collect(),
            kept_until: now + u64::from(self.request.keep_days) * DAY,
            next_backup: next(self.plan, journal, false),
        })
    }

    /// What a restore from a target would do: nothing is received to find it out.
    pub(super) fn estimate_from(&mut self, target: &str, point: &Point) -> Result<Report, Stop> {
        let series = self.wanted_series(point)?;
        let holders = self.holders.iter();
        let holders: Vec<_> = holders
            .filter(|holder| series.contains(&holder.series))
            .collect();
        let mut replaced = Vec::new();
        for holder in &holders {
            let top = self.top(&holder.filesystem)?;
            let is_there = self.system.look(&top.join(holder.path.as_str()))?.is_some();
            let nodatacow = holder.volumes.iter().any(|name| {
                let planned = self.instance.volumes.get(name);
                planned.is_some_and(|planned| !planned.copy_on_write)
            });
            let lost = "its nodatacow volumes are copied, since sending loses that attribute: the time grows with their size";
            replaced.push(Replaced {
                place: holder.path.to_string(),
                from: format!(
                    "{} of {target}, which is received first,",
                    point.members.get(&holder.series).map_or("", |name| name)
                ),
                kept_in: is_there.then(|| {
                    format!(
                        "{}/{UNDO}…",
                        self.snapshots(&holder.filesystem)
                            .map_or_else(|_| String::new(), ToString::to_string)
                    )
                }),
                made: if nodatacow {
                    vec![lost.to_owned()]
                } else {
                    Vec::new()
                },
            });
        }
        let now = self.system.now();
        let account = Account {
            what: format!(
                "restore {} to {} ({} of {target})",
                self.instance.name,
                when::shown(point.taken),
                point.id
            ),
            taken: point.taken,
            lost_seconds: now.saturating_sub(point.taken),
            replaced,
            units: Vec::new(),
            kept_until: now + u64::from(self.request.keep_days) * 24 * 60 * 60,
            next_backup: Vec::new(),
        };
        (self.told)(&account.shown());
        Ok(self.report(Outcome::Estimated, Some(account)))
    }

    /// What a person is to know after all was done.
    pub(super) fn notes(&self, journal: &Journal) -> Vec<String> {
        let kept = journal.items.iter().filter(|item| item.old.is_some());
        let mut notes: Vec<String> = kept
            .map(|item| {
                format!(
                    "what was in use is kept in {} until {}: `podman-btrfs undo PLAN {}` puts it back",
                    item.beside,
                    crate::migrate::day(journal.until()),
                    journal.copy
                )
            })
            .collect();
        // A lost host's are started when all of it is back.
        if journal.units.is_empty() && !matches!(self.request.what, What::Recover { .. }) {
            notes.push("no unit was running, so none was started".to_owned());
        }
        notes.extend(next(self.plan, journal, journal.is_undone));
        notes
    }
}

fn replaced(item: &Item) -> Replaced {
    let made = item.volumes.iter().filter_map(|volume| match volume.made {
        Made::Snapshot => None,
        Made::Reflink => Some(format!(
            "{} is made anew from it, sharing its blocks: the time grows with the number of files and of their extents",
            volume.key
        )),
        Made::Copy => Some(format!(
            "{} is copied, since the snapshot does not have the attributes that are planned: the time and the room grow with its size",
            volume.key
        )),
    });
    Replaced {
        place: item.place.clone(),
        from: item.source.clone(),
        kept_in: item.old.as_ref().map(|_| item.beside.clone()),
        made: made.collect(),
    }
}

/// What the jobs that take it do next.
fn next(plan: &Plan, journal: &Journal, is_undo: bool) -> Vec<String> {
    let mut told = Vec::new();
    for item in &journal.items {
        let is_it = |path: &str| path == item.place || item.place.starts_with(&format!("{path}/"));
        for job in &plan.protection.jobs {
            let of_it = job.subvolumes.iter().find(|one| is_it(one.path.as_str()));
            let Some(subvolume) = of_it else {
                continue;
            };
            let series = &subvolume.name;
            let is_copied = item.volumes.iter().any(|volume| volume.made == Made::Copy) && !is_undo;
            let sent = match (job.tool, job.targets.is_empty()) {
                (SnapshotTool::Snapper, _) => {
                    format!(
                        "the next snapshot of {series} by snapper shows this, and its earlier ones stay"
                    )
                }
                (SnapshotTool::Btrbk, true) => {
                    format!(
                        "the next snapshot of {series} by btrbk shows this, and its earlier ones stay"
                    )
                }
                (SnapshotTool::Btrbk, false) => {
                    let targets: Vec<&str> = job.targets.keys().map(TargetName::as_str).collect();
                    let size = if is_copied {
                        "what was copied is sent whole, since it shares nothing with what is there"
                    } else {
                        "only the difference to a snapshot that is there already is sent"
                    };
                    format!(
                        "the next run of btrbk for {series} sends this to {} as an increment: {size}",
                        targets.join(", ")
                    )
                }
            };
            if !told.contains(&sent) {
                told.push(sent);
            }
        }
    }
    told
}
