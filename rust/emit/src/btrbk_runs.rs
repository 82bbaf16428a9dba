//! A job of btrbk as the runs that it is cut into, each with a configuration and a timer of its own.

use std::borrow::Cow;

use podman_btrfs_core::plan::{Job, Plan};
use podman_btrfs_core::spec::SnapshotTool;

/// All runs of all jobs that btrbk does, in the order of the jobs.
pub(crate) fn runs(plan: &Plan) -> impl Iterator<Item = Cow<'_, Job>> {
    let jobs = plan.protection.jobs.iter();
    jobs.filter(|job| job.tool == SnapshotTool::Btrbk)
        .flat_map(Job::runs)
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
        for (one, copy) in job.subvolumes.iter_mut().zip(["a", "b", "c", "d", "e"]) {
            copy.clone_into(&mut one.copy);
        }
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

    #[test]
    fn what_is_of_one_copy_is_in_one_run_even_where_it_is_more_than_a_run_takes() {
        let mut plan = single_disk();
        let job = &mut plan.protection.jobs[0];
        job.subvolumes = vec![job.subvolumes[0].clone(); 7];
        let copies = ["a", "b", "b", "c", "c", "c", "d"];
        for (one, copy) in job.subvolumes.iter_mut().zip(copies) {
            copy.clone_into(&mut one.copy);
        }
        job.spread = Some(Spread {
            seconds: 60,
            subvolumes: 2,
        });
        let found: Vec<Vec<String>> = runs(&plan)
            .map(|run| run.subvolumes.iter().map(|one| one.copy.clone()).collect())
            .collect();
        let wanted = [vec!["a"], vec!["b", "b"], vec!["c", "c", "c"], vec!["d"]];
        assert_eq!(found, wanted);
    }
}
