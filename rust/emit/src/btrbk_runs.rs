//! A job of btrbk as the runs that it is cut into, each with a configuration and a timer of its own.

use std::borrow::Cow;

use podman_btrfs_core::plan::{Job, JobSubvolume, Plan};
use podman_btrfs_core::spec::SnapshotTool;

/// All runs of all jobs that btrbk does, in the order of the jobs. The first run has the job's name, the second `..2`
/// behind it and so on: no declared name holds two dots in a row.
pub(crate) fn runs(plan: &Plan) -> impl Iterator<Item = Cow<'_, Job>> {
    let jobs = plan.protection.jobs.iter();
    jobs.filter(|job| job.tool == SnapshotTool::Btrbk)
        .flat_map(of_job)
}

fn of_job(job: &Job) -> Vec<Cow<'_, Job>> {
    let most = job.spread.map_or(usize::MAX, |spread| {
        usize::try_from(spread.subvolumes).map_or(usize::MAX, |most| most.max(1))
    });
    if job.subvolumes.len() <= most {
        return vec![Cow::Borrowed(job)];
    }
    let run = |(number, subvolumes): (usize, &[JobSubvolume])| {
        Cow::Owned(Job {
            name: match number {
                0 => job.name.clone(),
                _ => format!("{}..{}", job.name, number + 1),
            },
            subvolumes: subvolumes.to_vec(),
            ..job.clone()
        })
    };
    job.subvolumes.chunks(most).enumerate().map(run).collect()
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::plan::Spread;

    use super::*;
    use crate::fixtures::single_disk;

    #[test]
    fn every_subvolume_is_in_one_run_and_the_first_run_has_the_jobs_name() {
        let mut plan = single_disk();
        let job = &mut plan.protection.jobs[0];
        job.subvolumes = vec![job.subvolumes[0].clone(); 5];
        job.spread = Some(Spread {
            seconds: 60,
            subvolumes: 2,
        });
        let found: Vec<(String, usize)> = runs(&plan)
            .map(|run| (run.name.clone(), run.subvolumes.len()))
            .collect();
        let name = |end: &str| format!("gold-tank{end}");
        assert_eq!(found, [(name(""), 2), (name("..2"), 2), (name("..3"), 1)]);
    }
}
