//! Which containers, references and copies an update is about, and what stands against it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::spec::Class;
use podman_btrfs_core::units::{ContainerName, ImageReference, Text as _, UserName};

use super::journal::Change;
use super::stages::Updater;
use super::store::Store;
use super::{Copy, copies, short};
use crate::group::podman::{Seen, State, declared};
use crate::restore::journal::Journal as Restore;
use crate::stop::Stop;
use crate::system::Fault;

/// The containers of one Podman, by name.
pub(super) type All = BTreeMap<ContainerName, Seen>;

/// What a look at a copy's containers found.
pub(super) struct Looked {
    pub(super) changes: Vec<Change>,
    pub(super) notes: Vec<String>,
}

/// A planned container among those that are there.
pub(super) fn running<'s>(
    all: &'s All,
    name: &ContainerName,
) -> Option<(&'s ContainerName, &'s Seen)> {
    declared(all, name).find(|(_, seen)| seen.state != State::Resting && !seen.image.is_empty())
}

impl Updater<'_> {
    pub(super) fn containers(&self, user: Option<&UserName>) -> Result<All, Fault> {
        Store::of(self.system, user)?.podman.all_containers()
    }

    /// What could become another image in a copy. All that stands against it is told at once.
    pub(super) fn look(&self, copy: Copy<'_>) -> Result<Looked, Stop> {
        let user = copy.workload.user.as_ref();
        let all = self.containers(user)?;
        let store = Store::of(self.system, user)?;
        let mut by_reference: BTreeMap<ImageReference, Change> = BTreeMap::new();
        let (mut notes, mut wrong) = (Vec::new(), self.strange_names(copy));
        for name in copy.instance.containers.keys() {
            let asked = self.request.images.get(name);
            if !self.request.images.is_empty() && asked.is_none() {
                continue;
            }
            let Some((known, seen)) = running(&all, name) else {
                let told = format!(
                    "{name} does not run, so it is not known which image its data belongs to; it is not updated"
                );
                if asked.is_some() {
                    wrong.push(told);
                } else {
                    notes.push(told);
                }
                continue;
            };
            if self.is_auto && seen.auto_update.is_none() {
                continue;
            }
            let declared = copy
                .instance
                .containers
                .get(name)
                .and_then(|one| one.image.as_ref());
            match self.change(&store, user, seen, declared, asked) {
                Ok(change) => {
                    let reference = change.reference.clone();
                    let one = by_reference.entry(reference).or_insert(change);
                    one.containers.push(known.clone());
                    if one.old != seen.image {
                        wrong.push(two_images(&one.reference, known, &seen.image, &one.old));
                    }
                }
                Err(Stop::Refused(because)) if asked.is_some() => {
                    wrong.push(format!("{name}: {because}"));
                }
                Err(Stop::Refused(because)) => notes.push(format!("{name}: {because}")),
                Err(fault) => return Err(fault),
            }
        }
        if wrong.is_empty() {
            let changes = by_reference.into_values().collect();
            return Ok(Looked { changes, notes });
        }
        Err(Stop::Refused(wrong.join("; ")))
    }

    fn strange_names(&self, copy: Copy<'_>) -> Vec<String> {
        let all = &copy.instance.containers;
        let asked = self.request.images.keys();
        let strange = asked.filter(|name| !all.contains_key(*name));
        let known: Vec<&str> = all.keys().map(ContainerName::as_str).collect();
        strange
            .map(|name| {
                format!(
                    "{} has no container {name}; it has {}",
                    copy.instance.name,
                    known.join(", ")
                )
            })
            .collect()
    }

    fn change(
        &self,
        store: &Store<'_>,
        user: Option<&UserName>,
        seen: &Seen,
        declared: Option<&ImageReference>,
        asked: Option<&ImageReference>,
    ) -> Result<Change, Stop> {
        let shown = seen.reference.escape_debug();
        let is_digits =
            |text: &str| text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let reference = ImageReference::parse(&seen.reference)
            .ok()
            .filter(|one| !is_digits(one.as_str()) && !one.as_str().starts_with("sha256:"))
            .ok_or_else(|| Stop::Refused(format!("it is made from `{shown}`, which is no name that could come to mean another image")))?;
        if reference.is_pinned() {
            return Err(Stop::Refused(format!(
                "its image is pinned by the digest in {reference}: another one is another declaration, and the switch to it is the update"
            )));
        }
        // Of a container that was made from an identity Podman shows any name of the image.
        if let Some(declared) = declared.filter(|one| !is_same(one, &reference)) {
            return Err(Stop::Refused(format!(
                "it was made from {reference}, and the plan has {declared} for it: switch to the configuration of this plan first"
            )));
        }
        let source = asked.filter(|one| **one != reference);
        let from = source.unwrap_or(&reference);
        // What is called so lies nowhere else.
        let is_local = from.registry() == Some("localhost")
            || source.is_none() && seen.auto_update.as_deref() == Some("local");
        Ok(Change {
            user: user.cloned(),
            source: source.cloned(),
            pull: !self.request.no_pull && !is_local,
            containers: Vec::new(),
            old: seen.image.clone(),
            was: store.image(reference.as_str())?,
            new: None,
            reference,
        })
    }

    /// The copies that run an image of these changes by its reference, which comes to mean another one for all of them; their
    /// containers are added to the changes.
    ///
    /// # Errors
    /// When one of them runs another image by it: a way back would put the old one under its data too.
    pub(super) fn sharers<'p>(
        &self,
        plan: &'p Plan,
        changes: &mut [Change],
    ) -> Result<Vec<Copy<'p>>, Stop> {
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        let mut seen: BTreeMap<Option<&UserName>, All> = BTreeMap::new();
        for copy in copies(plan) {
            let user = copy.workload.user.as_ref();
            if !changes.iter().any(|change| change.user.as_ref() == user) {
                continue;
            }
            let all = match seen.entry(user) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(self.containers(user)?),
            };
            let mut is_sharer = false;
            for name in copy.instance.containers.keys() {
                let Some((known, one)) = running(all, name) else {
                    continue;
                };
                let of_it = changes.iter_mut().find(|change| {
                    change.user.as_ref() == user && change.reference.as_str() == one.reference
                });
                let Some(change) = of_it else { continue };
                if one.image != change.old {
                    wrong.push(two_images(
                        &change.reference,
                        known,
                        &one.image,
                        &change.old,
                    ));
                    continue;
                }
                is_sharer = true;
                if !change.containers.contains(known) {
                    change.containers.push(known.clone());
                }
            }
            if is_sharer {
                found.push(copy);
            }
        }
        if wrong.is_empty() {
            return Ok(found);
        }
        Err(Stop::Refused(wrong.join("; ")))
    }

    /// What of these copies keeps an update from being able to go back.
    pub(super) fn can_go_back(&self, copies: &[Copy<'_>]) -> Result<(), Stop> {
        let mut wrong = Vec::new();
        for copy in copies {
            let precious = copy.instance.volumes.iter().filter(|(_, volume)| {
                !matches!(
                    volume.class,
                    Some(Class::Cache | Class::Build | Class::PackageStore | Class::Workspace)
                )
            });
            let precious: Vec<&str> = precious.map(|(name, _)| name.as_str()).collect();
            if copy.instance.protection.is_none() && !precious.is_empty() {
                wrong.push(format!(
                    "nothing of {} is in snapshots, so {} could not go back with the image; give it a `protection.policy`",
                    copy.instance.name,
                    precious.join(", ")
                ));
            }
        }
        let restores = Restore::all(self.system, &self.request.restoring.journals)?;
        for copy in copies {
            let mut own = restores.iter().filter(|one| one.copy == copy.instance.name);
            if own.any(|one| !one.has_ended()) {
                wrong.push(format!(
                    "a restore of {0} was begun and not ended: `podman-btrfs restore PLAN {0} --continue` ends it",
                    copy.instance.name
                ));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Stop::Refused(wrong.join("; ")))
    }
}

/// Whether Podman may have shown one for the other: with its registry, and with the tag that is meant where none is said.
fn is_same(declared: &ImageReference, shown: &ImageReference) -> bool {
    let whole = |one: &ImageReference| {
        let is_open = one.tag().is_none() && !one.is_pinned();
        format!("/{one}{}", if is_open { ":latest" } else { "" })
    };
    whole(shown).ends_with(&whole(declared))
}

fn two_images(
    reference: &ImageReference,
    container: &ContainerName,
    runs: &str,
    other: &str,
) -> String {
    format!(
        "{container} runs the image {} by the reference {reference}, and others run {} by it: a way back would put one image under the other's \
         data; give each a reference of its own, or have `systemctl restart` bring all to one image, after a `podman-btrfs snapshot`",
        short(runs),
        short(other)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_podman_shows_is_the_declared_reference_with_what_was_left_out() {
        let image = |text| ImageReference::parse(text).unwrap();
        for (declared, shown, same) in [
            ("postgres:17", "docker.io/library/postgres:17", true),
            (
                "docker.io/library/postgres",
                "docker.io/library/postgres:latest",
                true,
            ),
            ("localhost/pg:1", "localhost/pg:1", true),
            ("localhost/pg:1", "localhost/pg:2", false),
            ("gres:17", "docker.io/library/postgres:17", false),
            ("postgres", "docker.io/library/postgres:17", false),
        ] {
            assert_eq!(
                is_same(&image(declared), &image(shown)),
                same,
                "{declared} {shown}"
            );
        }
    }
}
