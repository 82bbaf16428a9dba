#![doc = include_str!("reference_to_nothing.md")]

use crate::analysis::{Facts, WorkloadFacts};
use crate::finding::Level;
use crate::option_path::OptionPath;
use crate::rules::{Choices, Decide, Found, REGISTRY, Rule, Stage};
use crate::spec::input::schema::suggestion;
use crate::spec::{Spec, Workload};
use crate::units::{ContainerName, FilesystemName, PolicyName, TargetName, UserName, VolumeName};

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB106",
    name: "reference-to-nothing",
    stage: Stage::Validity,
    level: Level::Error,
    fixed: true,
    since: "0.1.0",
    summary: "a name that refers to nothing declared",
    page: include_str!("reference_to_nothing.md"),
    proofs: &[],
    decide: Decide::Find(find),
};

fn find(facts: &Facts, _: &Choices) -> Vec<Found> {
    let mut seen = Names::of(facts);
    let spec = facts.spec;
    let engine = OptionPath::of(["engine"]);
    seen.filesystem(spec.engine.filesystem.as_ref(), || engine.key("filesystem"));
    for (name, policy) in &spec.policies {
        for (index, target) in policy.targets.iter().enumerate() {
            let at = || OptionPath::of(["policies", name.as_str(), "targets"]).index(index);
            seen.refer(
                "target",
                target.as_str(),
                spec.targets.contains_key(target),
                at,
                || spec.targets.keys().map(TargetName::as_str).collect(),
            );
        }
    }
    for workload in &facts.workloads {
        workload_references(workload, spec, &mut seen);
    }
    for code in spec.rules.keys() {
        let known = crate::rules::find(code).is_some_and(|rule| rule.code == code);
        let at = || OptionPath::of(["rules", code.as_str()]);
        seen.refer("rule", code, known, at, || {
            REGISTRY.iter().map(|rule| rule.code).collect()
        });
    }
    seen.found
}

fn workload_references(workload: &WorkloadFacts, spec: &Spec, seen: &mut Names) {
    let declared = workload.declared;
    seen.filesystem(declared.filesystem.as_ref(), || {
        workload.at().key("filesystem")
    });
    if let Some(user) = &declared.user {
        let known = spec.engine.users.contains_key(user);
        seen.refer(
            "rootless store in `engine.users`",
            user.as_str(),
            known,
            || workload.at().key("user"),
            || spec.engine.users.keys().map(UserName::as_str).collect(),
        );
    }
    if let Some(protection) = &declared.protection {
        let known = spec.policies.contains_key(&protection.policy);
        let at = || workload.at().key("protection").key("policy");
        seen.refer("policy", protection.policy.as_str(), known, at, || {
            spec.policies.keys().map(PolicyName::as_str).collect()
        });
        for container in protection.hooks.keys() {
            let at = || {
                workload
                    .at()
                    .key("protection")
                    .key("hooks")
                    .key(container.as_str())
            };
            seen.container(container, declared, at);
        }
        for (container, dump) in &protection.dumps {
            let at = || {
                let dumps = workload.at().key("protection").key("dumps");
                dumps.key(container.as_str())
            };
            seen.container(container, declared, at);
            let volumes = &declared.volumes;
            let all = || volumes.keys().map(VolumeName::as_str).collect();
            let known = volumes.contains_key(&dump.into);
            let into = || at().key("into");
            seen.refer(
                "volume in this workload",
                dump.into.as_str(),
                known,
                into,
                all,
            );
        }
    }
    used_volumes(workload, spec, seen);
    for volume in &workload.volumes {
        let at = || workload.volume_at(volume);
        seen.filesystem(volume.declared.filesystem.as_ref(), || {
            at().key("filesystem")
        });
        for container in volume.declared.mounts.keys() {
            seen.container(container, declared, || {
                at().key("mounts").key(container.as_str())
            });
        }
        for (index, container) in volume.declared.read_only_in.iter().enumerate() {
            seen.container(container, declared, || at().key("readOnlyIn").index(index));
        }
    }
}

/// Whose volumes it uses, and which of its containers mount them.
fn used_volumes(workload: &WorkloadFacts, spec: &Spec, seen: &mut Names) {
    for (of, used) in &workload.declared.uses {
        let at = || workload.at().key("uses").key(of.to_string());
        let known = spec
            .workloads
            .get(&of.workload)
            .is_some_and(|owner| owner.volumes.contains_key(&of.volume));
        let all: Vec<String> = spec
            .workloads
            .iter()
            .filter(|(name, _)| *name != workload.name)
            .flat_map(|(name, owner)| owner.volumes.keys().map(move |v| format!("{name}/{v}")))
            .collect();
        let all = || all.iter().map(String::as_str).collect();
        seen.refer("volume", &of.to_string(), known, at, all);
        for container in used.mounts.keys() {
            seen.container(container, workload.declared, || {
                at().key("mounts").key(container.as_str())
            });
        }
    }
}

/// Looks names up, and collects those that are not there.
struct Names<'s> {
    spec: &'s Spec,
    found: Vec<Found>,
}

impl<'s> Names<'s> {
    fn of(facts: &Facts<'s>) -> Self {
        Self {
            spec: facts.spec,
            found: Vec::new(),
        }
    }

    fn refer<'k>(
        &mut self,
        kind: &str,
        name: &str,
        known: bool,
        at: impl FnOnce() -> OptionPath,
        all: impl FnOnce() -> Vec<&'k str>,
    ) {
        if !known {
            self.found.push(Found {
                at: at(),
                message: format!("there is no {kind} of the name `{name}`"),
                help: suggestion(name, &all()),
                related: Vec::new(),
            });
        }
    }

    fn filesystem(&mut self, name: Option<&FilesystemName>, at: impl FnOnce() -> OptionPath) {
        if let Some(name) = name {
            let filesystems = &self.spec.filesystems;
            let all = || filesystems.keys().map(FilesystemName::as_str).collect();
            self.refer(
                "filesystem",
                name.as_str(),
                filesystems.contains_key(name),
                at,
                all,
            );
        }
    }

    fn container(
        &mut self,
        name: &ContainerName,
        workload: &Workload,
        at: impl FnOnce() -> OptionPath,
    ) {
        let known = workload.containers.contains_key(name);
        self.refer(
            "container in this workload",
            name.as_str(),
            known,
            at,
            || {
                workload
                    .containers
                    .keys()
                    .map(ContainerName::as_str)
                    .collect()
            },
        );
    }
}
