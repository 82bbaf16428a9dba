//! What is pulled, for which platform, under which name.

use std::collections::BTreeMap;

use crate::analysis::{Facts, WorkloadFacts};
use crate::plan::{ImagePull, ImagesPlan, Runs};
use crate::rules::Choices;
use crate::spec::Platform;
use crate::units::{ContainerName, ImageReference, Text, UserName};

/// Store, whether it is the host's own, reference and platform: one pull, whoever needs it. What the host runs comes
/// last in its store, so that a tag ends there.
type Key = (Option<UserName>, bool, ImageReference, Option<Platform>);

pub(super) fn images(facts: &Facts, choices: &Choices) -> ImagesPlan {
    let mut pulls: BTreeMap<Key, ImagePull> = BTreeMap::new();
    for workload in &facts.workloads {
        for container in workload.declared.containers.keys() {
            for pull in of_container(facts, workload, container) {
                let own = pull.runs == Runs::Natively;
                let key = (
                    pull.user.clone(),
                    own,
                    pull.reference.clone(),
                    pull.platform,
                );
                pulls
                    .entry(key)
                    .and_modify(|known| known.containers.push(container.clone()))
                    .or_insert(pull);
            }
        }
    }
    ImagesPlan {
        pulls: pulls.into_values().collect(),
        emulated: choices.host.emulated.clone().unwrap_or_default(),
    }
}

fn of_container(facts: &Facts, workload: &WorkloadFacts, name: &ContainerName) -> Vec<ImagePull> {
    let Some(declared) = workload.declared.containers.get(name) else {
        return Vec::new();
    };
    let Some(image) = &declared.image else {
        return Vec::new();
    };
    let own = facts.spec.host.platform;
    let platforms: Vec<Option<Platform>> = if workload.declared.platforms.is_empty() {
        vec![own]
    } else {
        workload
            .declared
            .platforms
            .iter()
            .copied()
            .map(Some)
            .collect()
    };
    let several = platforms.len() > 1;
    platforms
        .into_iter()
        .map(|platform| {
            let digest = platform.and_then(|platform| declared.digests.get(&platform));
            ImagePull {
                user: workload.declared.user.clone(),
                platform,
                reference: digest.map_or_else(|| image.clone(), |digest| image.at(digest)),
                by_digest: digest.is_some() || image.digest().is_some(),
                local_name: platform
                    .filter(|_| several)
                    .and_then(|platform| local_name(image, platform)),
                runs: runs(workload, own, platform),
                containers: vec![name.clone()],
            }
        })
        .collect()
}

/// `localhost/library/postgres:17-linux-arm64`: no registry's pull ever takes such a name.
fn local_name(image: &ImageReference, platform: Platform) -> Option<ImageReference> {
    let tag = image.tag().unwrap_or("latest");
    let text = format!(
        "localhost/{}:{tag}-{}",
        image.repository(),
        platform.suffix()
    );
    ImageReference::parse(&text).ok()
}

fn runs(workload: &WorkloadFacts, own: Option<Platform>, platform: Option<Platform>) -> Runs {
    match (own, platform) {
        (_, Some(platform)) if workload.declared.emulated.contains(&platform) => Runs::Emulated,
        (Some(own), Some(platform)) if own.runs(platform) => Runs::Natively,
        (Some(_), Some(_)) => Runs::Held,
        // Whatever the host is, without `platforms` its own images are pulled.
        (_, None) => Runs::Natively,
        (None, Some(_)) => Runs::Unknown,
    }
}
