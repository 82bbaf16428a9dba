//! Why a subject is planned as it is: the chain from facts to decisions to the host.

mod facts;
mod host;
mod rests_on;

use serde::{Deserialize, Serialize};

pub use facts::{Fact, Origin};
pub use host::Statement;
pub use rests_on::Rest;

use crate::analysis::analyse;
use crate::finding::Diagnostic;
use crate::plan::{Decision, Plan, Subject};
use crate::rules::{Rule, find};
use crate::spec::Spec;
use crate::what_if::{Flip, flips};

/// The chain behind one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The subject.
    pub subject: Subject,
    /// What is known of it before anything is decided.
    pub facts: Vec<Fact>,
    /// The decisions about it, in the order in which they were made.
    pub decisions: Vec<Link>,
    /// What the user is told about it.
    pub findings: Vec<Diagnostic>,
    /// What follows on the host.
    pub on_host: Vec<Statement>,
    /// The pages of the rules above.
    pub pages: Vec<Page>,
}

/// One decision in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The decision as the plan has it.
    pub decision: Decision,
    /// The earlier decisions that it rests on.
    pub rests_on: Vec<Rest>,
    /// Changes of one option that change it.
    pub flips: Vec<Flip>,
}

/// The page of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The rule's code: `podman-btrfs explain CODE` prints the page.
    pub code: String,
    /// The rule's name.
    pub name: String,
    /// Where the page is read in a browser.
    pub url: String,
}

impl Page {
    /// The page of a rule.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        Self {
            code: rule.code.into(),
            name: rule.name.into(),
            url: format!(
                "{}/blob/main/rust/core/src/rules/{}/{}.md",
                env!("CARGO_PKG_REPOSITORY"),
                rule.stage.name(),
                rule.name.replace('-', "_")
            ),
        }
    }
}

/// Explains these subjects of a plan, each on its own.
#[must_use]
pub fn explain(spec: &Spec, plan: &Plan, subjects: &[Subject]) -> Vec<Explanation> {
    let facts = analyse(spec);
    let asked: Vec<&Decision> = plan
        .decisions
        .iter()
        .filter(|decision| subjects.contains(&decision.subject))
        .collect();
    let mut links: Vec<Link> = asked
        .iter()
        .zip(flips(spec, &asked))
        .map(|(decision, flips)| Link {
            decision: (*decision).clone(),
            rests_on: rests_on::of(decision, &facts, plan),
            flips,
        })
        .collect();
    subjects
        .iter()
        .map(|subject| {
            let (decisions, rest) = links
                .drain(..)
                .partition::<Vec<Link>, _>(|link| link.decision.subject == *subject);
            links = rest;
            let findings: Vec<Diagnostic> = plan
                .diagnostics
                .iter()
                .filter(|found| {
                    found
                        .related
                        .iter()
                        .chain([&found.at])
                        .any(|at| Subject::about(at) == *subject)
                })
                .cloned()
                .collect();
            Explanation {
                facts: facts::of(subject, spec, &facts),
                on_host: host::of(subject, plan),
                pages: pages(&decisions, &findings),
                decisions,
                findings,
                subject: subject.clone(),
            }
        })
        .collect()
}

fn pages(decisions: &[Link], findings: &[Diagnostic]) -> Vec<Page> {
    let codes = decisions
        .iter()
        .map(|link| link.decision.rule.as_ref())
        .chain(findings.iter().map(|found| found.code.as_str()));
    let mut pages: Vec<Page> = codes.filter_map(find).map(Page::of).collect();
    pages.sort();
    pages.dedup();
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::build;
    use crate::rules::REGISTRY;
    use crate::spec::input::parse_json;

    const HOST: &str = r#"{"filesystems": {"tank": {"disks": ["/dev/a"], "media": "nvme"}}, "policies": {"gold": {"rpo": "1h", "targets": ["nas"]}},
        "targets": {"nas": {"url": "ssh://nas/x"}}, "engine": {"users": {"alice": {}}},
        "workloads": {"shop": {"replicas": 2, "containers": {"pg": {"image": "mariadb:11"}}, "protection": {"policy": "gold"},
        "volumes": {"data": {"mounts": {"pg": "/var/lib/mysql"}, "size": "10G"}, "x": {"mounts": {"pg": "/x"}}}}}}"#;

    fn explained(subject: Subject) -> Explanation {
        let spec = parse_json(HOST).unwrap();
        explain(&spec, &build(&spec), &[subject]).remove(0)
    }

    #[test]
    fn the_chain_of_a_volume_is_whole() {
        let chain = explained(Subject::Volume("shop".into(), "data".into()));
        let fact = |name: &str| chain.facts.iter().find(|fact| fact.name == name).unwrap();
        assert_eq!(fact("size").origin, Origin::Declared);
        assert_eq!(fact("class").origin, Origin::Inferred);
        assert_eq!(fact("class").certainty.as_deref(), Some("sure"));
        assert_eq!(fact("filesystem").origin, Origin::Assumed);
        let cow = chain
            .decisions
            .iter()
            .find(|link| link.decision.field == "copyOnWrite")
            .unwrap();
        let rests: Vec<_> = cow
            .rests_on
            .iter()
            .map(|rest| rest.field.as_str())
            .collect();
        assert_eq!(rests, ["class", "engine", "snapshot", "dataProfile"]);
        assert!(!cow.flips.is_empty());
        let host: Vec<_> = chain.on_host.iter().map(|it| it.what.as_str()).collect();
        for what in ["path", "attributes", "mounted by", "snapshots", "copies"] {
            assert!(host.contains(&what), "{host:?}");
        }
    }

    #[test]
    fn every_subject_of_a_plan_has_facts_and_something_on_the_host() {
        let spec = parse_json(HOST).unwrap();
        let plan = build(&spec);
        let mut subjects: Vec<Subject> =
            plan.decisions.iter().map(|it| it.subject.clone()).collect();
        subjects.sort();
        subjects.dedup();
        for chain in explain(&spec, &plan, &subjects) {
            assert!(!chain.facts.is_empty(), "{}", chain.subject);
            assert!(!chain.decisions.is_empty(), "{}", chain.subject);
            assert!(!chain.on_host.is_empty(), "{}", chain.subject);
            assert!(!chain.pages.is_empty(), "{}", chain.subject);
        }
    }

    #[test]
    fn the_page_of_every_rule_is_where_its_link_leads() {
        for rule in REGISTRY {
            let url = Page::of(rule).url;
            let path = url.split("/rust/core/").nth(1).unwrap();
            let root = walkdir::WalkDir::new(env!("CARGO_MANIFEST_DIR")).into_iter();
            let is_there = root
                .filter_map(Result::ok)
                .any(|entry| entry.path().ends_with(path));
            assert!(is_there, "{path}");
        }
    }
}
