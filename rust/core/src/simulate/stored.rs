//! What volumes and their snapshots hold.

use std::collections::BTreeMap;

use super::series::Day;
use crate::analysis::{Facts, VolumeFacts, WorkloadFacts};
use crate::option_path::OptionPath;
use crate::rules::{Choices, VolumeChoices};

/// Volumes of which the same is known: they are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stored {
    /// The policy whose snapshots hold them: position in [`Facts::policies`]; absent: none does.
    pub policy: Option<usize>,
    /// Bytes at the beginning.
    pub size: u64,
    /// Bytes added in a day.
    pub growth: u64,
    /// Bytes overwritten in a day.
    pub churn: u64,
    /// The most bytes each may hold.
    pub limit: u64,
}

/// How many volumes are alike, and the one of them that weighs most.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// How many there are, copies of workloads counted.
    pub volumes: u64,
    /// Workload and volume with the most copies, by position.
    pub heaviest: (usize, usize),
    /// How many copies that one has.
    pub copies: u64,
}

impl Stored {
    /// Bytes of one volume when so many days have passed.
    #[must_use]
    pub fn live(&self, days: u32) -> u64 {
        self.size
            .saturating_add(self.growth.saturating_mul(days.into()))
            .min(self.limit)
    }

    /// Bytes that only its snapshots hold, when so many days have passed and these are kept.
    #[must_use]
    pub fn in_snapshots(&self, days: u32, day: &Day) -> u64 {
        let live = u128::from(self.live(days));
        let held: u128 = day
            .gaps
            .iter()
            .map(|(seconds, times)| {
                let overwritten =
                    u128::from(self.churn) * u128::from(seconds.unsigned_abs()) / 86_400;
                overwritten.min(live) * u128::from(*times)
            })
            .sum();
        u64::try_from(held).unwrap_or(u64::MAX)
    }

    /// The most that its snapshots can hold after so many days, whatever is kept.
    #[must_use]
    pub fn at_most_in_snapshots(&self, days: u32) -> u64 {
        match self.policy {
            Some(_) => self.churn.saturating_mul(days.into()),
            None => 0,
        }
    }
}

/// The volumes of a filesystem of which a size is declared, by what is known of them.
pub(super) fn on(facts: &Facts, choices: &Choices, filesystem: usize) -> BTreeMap<Stored, Share> {
    let mut found: BTreeMap<Stored, Share> = BTreeMap::new();
    for (workload, volume, of, stored) in volumes(facts, choices, filesystem) {
        let Some(stored) = stored else { continue };
        let copies = u64::from(of.replicas);
        let share = found.entry(stored).or_insert(Share {
            volumes: 0,
            heaviest: (workload, volume),
            copies,
        });
        share.volumes += copies;
        if copies > share.copies {
            (share.heaviest, share.copies) = ((workload, volume), copies);
        }
    }
    found
}

/// The options that would have to be said for every volume of a filesystem to be counted.
#[must_use]
pub fn unknown(facts: &Facts, choices: &Choices, filesystem: usize) -> Vec<OptionPath> {
    let mut missing = Vec::new();
    for (workload, volume, of, stored) in volumes(facts, choices, filesystem) {
        let declared = &of.volumes[volume];
        let at = facts.workloads[workload].volume_at(declared);
        if stored.is_none() {
            missing.push(at.key("size"));
        }
        if declared.declared.churn.is_none()
            && is_in_snapshots(of, &choices.volumes[workload][volume])
        {
            missing.push(at.key("churn"));
        }
    }
    missing
}

type Found<'f, 's> = (usize, usize, &'f WorkloadFacts<'s>, Option<Stored>);

fn volumes<'f, 's>(
    facts: &'f Facts<'s>,
    choices: &'f Choices,
    filesystem: usize,
) -> impl Iterator<Item = Found<'f, 's>> {
    facts
        .workloads
        .iter()
        .enumerate()
        .flat_map(move |(workload, of)| {
            of.volumes
                .iter()
                .enumerate()
                .filter(move |(_, volume)| volume.filesystem == Some(filesystem))
                .map(move |(index, volume)| {
                    let chosen = &choices.volumes[workload][index];
                    (workload, index, of, stored(of, volume, chosen))
                })
        })
}

fn stored(of: &WorkloadFacts, volume: &VolumeFacts, chosen: &VolumeChoices) -> Option<Stored> {
    let declared = volume.declared;
    let rate = |rate: Option<crate::units::Rate>| rate.map_or(0, crate::units::Rate::bytes_per_day);
    Some(Stored {
        policy: of.policy.filter(|_| is_in_snapshots(of, chosen)),
        size: declared.size?.bytes(),
        growth: rate(declared.growth),
        churn: rate(declared.churn),
        limit: declared
            .limit
            .map_or(u64::MAX, crate::units::ByteSize::bytes),
    })
}

fn is_in_snapshots(of: &WorkloadFacts, chosen: &VolumeChoices) -> bool {
    of.policy.is_some() && chosen.snapshot == Some(true)
}
