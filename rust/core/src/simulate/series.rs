//! One schedule and one retention, day by day.

use std::collections::BTreeMap;

use super::Span;
use crate::clock::{Calendar, DAY, Zone, date_after};
use crate::plan::Schedule;
use crate::retention::{Held, Retention};
use crate::spec::{Keep, SnapshotTool};

/// How long after the host's start snapper cleans up first, and then each day (`snapper-cleanup.timer`).
const FIRST_CLEANUP: i64 = 600;

/// When snapshots are taken and how they are thinned.
#[derive(Clone, Debug)]
pub struct Series {
    /// The tool.
    pub tool: SnapshotTool,
    /// What is kept by age.
    pub keep: Keep,
    /// For how many hours everything is kept.
    pub keep_all_hours: u32,
    calendar: Calendar,
}

/// What there is when a day ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Snapshots taken on it.
    pub taken: u32,
    /// Snapshots removed on it.
    pub pruned: u32,
    /// Snapshots there at its end.
    pub kept: u32,
    /// Seconds between neighbours that are kept, and how often; the last is from the newest to the day's end.
    pub gaps: Vec<(i64, u32)>,
}

/// All days of a series.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The days.
    pub days: Vec<Day>,
    /// The longest time from one run to the next.
    pub longest_gap: i64,
    /// When the longest begins.
    pub longest_gap_at: i64,
}

impl Series {
    /// The series of a job.
    #[must_use]
    pub fn new(tool: SnapshotTool, schedule: &Schedule, keep: Keep, keep_all_hours: u32) -> Self {
        Self {
            tool,
            keep,
            keep_all_hours,
            calendar: Calendar::parse(&schedule.on_calendar)
                .unwrap_or_else(|| Calendar::every(schedule.interval_seconds)),
        }
    }

    /// Plays the days.
    #[must_use]
    pub fn play(&self, zone: &Zone, span: Span) -> Timeline {
        let mut game = Game::new(self, zone, span);
        let mut timeline = Timeline {
            days: Vec::new(),
            longest_gap: 0,
            longest_gap_at: 0,
        };
        let mut last_run = None;
        for number in 0..span.days {
            let begins = zone.day_begins(date_after(span.begin, number));
            let ends = zone.day_begins(date_after(span.begin, number + 1));
            let runs = self.calendar.runs(zone, begins, ends);
            for run in &runs {
                let gap = last_run.map_or(0, |last| run - last);
                if gap > timeline.longest_gap {
                    (timeline.longest_gap, timeline.longest_gap_at) = (gap, run - gap);
                }
                last_run = Some(*run);
                game.run(*run);
            }
            timeline.days.push(game.end_day(runs.len(), ends));
        }
        timeline
    }
}

/// A series as it is played.
struct Game<'s> {
    zone: &'s Zone,
    tool: SnapshotTool,
    retention: Retention,
    /// Everything that is taken within an hour is kept to its end.
    keeps_the_hour: bool,
    thinned_in: Option<i64>,
    next_cleanup: i64,
    held: Held,
    pruned: usize,
}

impl<'s> Game<'s> {
    fn new(series: &Series, zone: &'s Zone, span: Span) -> Self {
        Self {
            zone,
            tool: series.tool,
            retention: Retention::of(series.tool, &series.keep, series.keep_all_hours),
            keeps_the_hour: series.keep_all_hours > 0,
            thinned_in: None,
            next_cleanup: zone.day_begins(span.begin) + FIRST_CLEANUP,
            held: Held::default(),
            pruned: 0,
        }
    }

    fn run(&mut self, at: i64) {
        let now = self.zone.wall(at);
        if self.tool == SnapshotTool::Snapper {
            // It cleans up apart from taking.
            self.clean_up(at);
            self.held.take(now);
            return;
        }
        self.held.take(now);
        // btrbk counts whole hours: within one of them nothing more falls due.
        if self.thinned_in != Some(now.hours) || !self.keeps_the_hour {
            self.pruned += self.held.thin(&self.retention, &now);
            self.thinned_in = Some(now.hours);
        }
    }

    /// snapper's clean-ups before a moment.
    fn clean_up(&mut self, before: i64) {
        while self.next_cleanup < before {
            let now = self.zone.wall(self.next_cleanup);
            self.pruned += self.held.thin(&self.retention, &now);
            self.next_cleanup += DAY;
        }
    }

    fn end_day(&mut self, taken: usize, ends: i64) -> Day {
        if self.tool == SnapshotTool::Snapper {
            self.clean_up(ends);
        }
        let snapshots = self.held.snapshots();
        let mut gaps: BTreeMap<i64, u32> = BTreeMap::new();
        for pair in snapshots.windows(2) {
            *gaps.entry(pair[1].epoch - pair[0].epoch).or_default() += 1;
        }
        if let Some(newest) = snapshots.last() {
            *gaps.entry(ends - newest.epoch).or_default() += 1;
        }
        Day {
            taken: count(taken),
            pruned: count(std::mem::take(&mut self.pruned)),
            kept: count(snapshots.len()),
            gaps: gaps.into_iter().collect(),
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
