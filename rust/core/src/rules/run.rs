//! Asks the rules, stage by stage, and writes down what they say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::choice::{Choice, Choices};
use super::view::{FilesystemView, PolicyView, VolumeView, WorkloadView};
use super::{Decide, REGISTRY, Rule, Stage, Verdict};
use crate::analysis::Facts;
use crate::finding::{Diagnostic, Level, has_errors};
use crate::option_path::OptionPath;
use crate::plan::{Decision, Override, Subject};

/// What the rules say of a declaration.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The choices, in types.
    pub choices: Choices,
    /// The choices, as the plan records them.
    pub decisions: Vec<Decision>,
    /// The findings, in the order of the rules.
    pub diagnostics: Vec<Diagnostic>,
}

/// Asks all rules. After an error of the validity stage nothing more is asked: later rules may rely on
/// references that lead somewhere and on names that are unique.
#[must_use]
pub fn decide(facts: &Facts) -> Outcome {
    let mut outcome = Outcome {
        choices: Choices {
            filesystems: vec![super::FilesystemChoices::default(); facts.filesystems.len()],
            policies: vec![super::PolicyChoices::default(); facts.policies.len()],
            workloads: vec![super::WorkloadChoices::default(); facts.workloads.len()],
            volumes: facts
                .workloads
                .iter()
                .map(|workload| vec![super::VolumeChoices::default(); workload.volumes.len()])
                .collect(),
            ..Choices::default()
        },
        ..Outcome::default()
    };
    for stage in Stage::ALL {
        for rule in REGISTRY.iter().filter(|rule| rule.stage == stage) {
            ask(rule, facts, &mut outcome);
        }
        if stage == Stage::Validity && has_errors(&outcome.diagnostics) {
            break;
        }
    }
    outcome
}

/// The level of a rule, as declared where it may be.
fn level(rule: &Rule, facts: &Facts) -> Level {
    let declared = facts
        .spec
        .rules
        .get(rule.code)
        .and_then(|declared| declared.level);
    if rule.fixed {
        rule.level
    } else {
        declared.unwrap_or(rule.level)
    }
}

fn ask(rule: &Rule, facts: &Facts, outcome: &mut Outcome) {
    let level = level(rule, facts);
    let mut record = Record {
        rule,
        level,
        outcome,
    };
    match &rule.decide {
        Decide::WhileReading | Decide::OnHost(_) => {}
        Decide::Find(find) => record.find(*find, facts),
        Decide::Filesystem(decide) => {
            for index in 0..facts.filesystems.len() {
                let view = FilesystemView {
                    facts,
                    chosen: &record.outcome.choices,
                    index,
                };
                if let Some(verdict) = decide(&view) {
                    let name = view.this().name.to_string();
                    let at = OptionPath::of(["filesystems", name.as_str()]);
                    let choice = record.decision(verdict, Subject::Filesystem(name), at);
                    choice.keep(&mut record.outcome.choices.filesystems[index]);
                }
            }
        }
        Decide::Host(decide) => {
            if let Some(verdict) = decide(facts, &record.outcome.choices) {
                let choice = record.decision(verdict, Subject::Host, OptionPath::of(["host"]));
                choice.keep(&mut record.outcome.choices.host);
            }
        }
        Decide::Engine(decide) => {
            if let Some(verdict) = decide(facts, &record.outcome.choices) {
                let choice = record.decision(verdict, Subject::Engine, OptionPath::of(["engine"]));
                choice.keep(&mut record.outcome.choices.engine);
            }
        }
        Decide::Policy(decide) => {
            for index in 0..facts.policies.len() {
                let view = PolicyView {
                    facts,
                    chosen: &record.outcome.choices,
                    index,
                };
                if let Some(verdict) = decide(&view) {
                    let name = view.this().name.to_string();
                    let at = OptionPath::of(["policies", name.as_str()]);
                    let choice = record.decision(verdict, Subject::Policy(name), at);
                    choice.keep(&mut record.outcome.choices.policies[index]);
                }
            }
        }
        Decide::Workload(decide) => {
            for index in 0..facts.workloads.len() {
                let view = WorkloadView {
                    facts,
                    chosen: &record.outcome.choices,
                    index,
                };
                if let Some(verdict) = decide(&view) {
                    let subject = Subject::Workload(view.this().name.to_string());
                    let choice = record.decision(verdict, subject, view.this().at());
                    choice.keep(&mut record.outcome.choices.workloads[index]);
                }
            }
        }
        Decide::Volume(decide) => record.volumes(*decide, facts),
    }
}

/// One rule at work.
struct Record<'o> {
    rule: &'o Rule,
    level: Level,
    outcome: &'o mut Outcome,
}

impl Record<'_> {
    fn find(&mut self, find: fn(&Facts, &Choices) -> Vec<super::Found>, facts: &Facts) {
        if self.level == Level::Allow {
            return;
        }
        for found in find(facts, &self.outcome.choices) {
            self.outcome.diagnostics.push(Diagnostic {
                code: self.rule.code.into(),
                level: self.level,
                at: found.at,
                message: found.message,
                help: found.help,
                related: found.related,
            });
        }
    }

    fn volumes(
        &mut self,
        decide: fn(&VolumeView) -> Option<Verdict<super::VolumeChoice>>,
        facts: &Facts,
    ) {
        for (workload, of) in facts.workloads.iter().enumerate() {
            for index in 0..of.volumes.len() {
                let chosen = &self.outcome.choices;
                let view = VolumeView {
                    workload: WorkloadView {
                        facts,
                        chosen,
                        index: workload,
                    },
                    index,
                };
                if let Some(verdict) = decide(&view) {
                    let volume = view.this();
                    let subject = Subject::Volume(of.name.to_string(), volume.name.to_string());
                    let choice = self.decision(verdict, subject, of.volume_at(volume));
                    choice.keep(&mut self.outcome.choices.volumes[workload][index]);
                }
            }
        }
    }

    /// Writes a verdict down and returns the choice that holds: the user's where there is one.
    fn decision<C: Choice>(&mut self, verdict: Verdict<C>, subject: Subject, at: OptionPath) -> C {
        let field = verdict.choice.field();
        let decided = verdict.choice.value();
        let (choice, overridden) = match verdict.declared {
            Some((declared, at)) => (
                declared,
                Some(Override {
                    at,
                    decided: decided.clone(),
                }),
            ),
            None => (verdict.choice, None),
        };
        let value = if overridden.is_some() {
            choice.value()
        } else {
            decided
        };
        if self.level >= Level::Warn {
            self.tell(&subject, at, field, &value, &verdict.reason);
        }
        let evidence: BTreeMap<_, _> = verdict
            .evidence
            .into_iter()
            .map(|(name, fact)| (Cow::Borrowed(name), fact))
            .collect();
        self.outcome.decisions.push(Decision {
            rule: self.rule.code.into(),
            subject,
            field: field.into(),
            value,
            reason: verdict.reason,
            evidence,
            would_change: verdict.would_change.into(),
            overridden,
        });
        choice
    }

    /// A decision whose rule was raised to a warning or an error is told as one.
    fn tell(
        &mut self,
        subject: &Subject,
        at: OptionPath,
        field: &str,
        value: &Value,
        reason: &str,
    ) {
        self.outcome.diagnostics.push(Diagnostic {
            code: self.rule.code.into(),
            level: self.level,
            at,
            message: format!("{subject}: {field} is {value}: {reason}"),
            help: format!(
                "see `podman-btrfs explain {}`, or set `rules.{}.level`",
                self.rule.code, self.rule.code
            ),
            related: Vec::new(),
        });
    }
}
