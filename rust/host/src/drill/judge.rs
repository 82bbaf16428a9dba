//! What a point shows before anything of it is restored: whether it is whole and new enough, and what a drill would do.

use std::collections::BTreeSet;

use podman_btrfs_core::units::VolumeName;

use super::run::Run;
use super::{Drill, Kind, choice};
use crate::copies;
use crate::restore::catalogue::Point;
use crate::restore::when;
use crate::stop::Stop;

impl Run<'_, '_> {
    /// What the point itself shows.
    pub(super) fn judge(&self, point: &Point, drill: &mut Drill) {
        if !point.missing.is_empty() {
            let message = format!(
                "{} of {} lacks {}",
                point.id,
                when::shown(point.taken),
                point.missing.join(", ")
            );
            drill.found(Kind::Incomplete, None, message);
        }
        let now = self.restorer.system.now();
        let interval = choice::interval(self.restorer.plan, &drill.copy);
        if let Some(interval) = interval.filter(|one| choice::is_too_old(point.taken, now, *one)) {
            let message = format!(
                "the newest is of {}, {} old, and one is planned every {}",
                when::shown(point.taken),
                when::span(now.saturating_sub(point.taken)),
                when::span(interval)
            );
            drill.found(Kind::TooOld, None, message);
        }
    }

    /// Whether the next copy can be a difference, as `copies` tells.
    pub(super) fn chain(&self, target: &str, drill: &mut Drill) -> Result<(), Stop> {
        const KINDS: [&str; 2] = ["chain-broken", "begun-anew"];
        let asked = copies::Request {
            target: Some(target.to_owned()),
            ..self.request.restore.copies.clone()
        };
        let report = copies::look(self.restorer.plan, &asked, self.restorer.system)?;
        let mut series = self.restorer.holders.iter().map(|holder| &holder.series);
        let series: BTreeSet<&String> = series.by_ref().collect();
        for finding in report.findings {
            let is_of_it = finding
                .series
                .as_ref()
                .is_some_and(|one| series.contains(one));
            if !is_of_it {
                continue;
            }
            let of = finding.series.unwrap_or_default();
            if KINDS.contains(&finding.kind) {
                drill.found(
                    Kind::ChainBroken,
                    None,
                    format!("{of}: {}", finding.message),
                );
            } else {
                drill.notes.push(format!("{of}: {}", finding.message));
            }
        }
        Ok(())
    }

    pub(super) fn would(&self, point: &Point, drill: &mut Drill) {
        for (holder, path) in self.members(point) {
            let volumes: Vec<&str> = holder.volumes.iter().map(VolumeName::as_str).collect();
            drill.notes.push(format!(
                "{path} would be {} and read: {}",
                if self.request.from.is_some() {
                    "received, all of it,"
                } else {
                    "snapshotted"
                },
                volumes.join(", ")
            ));
        }
        for (name, volume) in &self.restorer.instance.volumes {
            if let Some(engine) = volume.engine {
                drill.notes.push(format!(
                    "{} would be asked to examine {name}",
                    engine.name()
                ));
            }
        }
    }
}
