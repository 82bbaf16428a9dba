//! Walks two plans side by side along the plan's schema.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Difference;
use super::identity::Identity;
use super::kind::Kind;
use super::series::{Takers, takers};
use super::shape::{SCHEMA, Shape, join, key};
use crate::plan::{Plan, Subject};

/// Two plans, and what of the old one is what of the new one.
pub(super) struct Sides<'p> {
    pub(super) old: &'p Plan,
    pub(super) new: &'p Plan,
    pub(super) identity: Identity,
    /// Which job takes which series in the old plan, under the new plan's names.
    pub(super) old_takers: Takers<'p>,
    /// The same of the new plan.
    pub(super) new_takers: Takers<'p>,
}

impl<'p> Sides<'p> {
    pub(super) fn of(old: &'p Plan, new: &'p Plan) -> Self {
        let identity = Identity::of(old, new);
        Self {
            old_takers: takers(old, &identity),
            new_takers: takers(new, &Identity::default()),
            old,
            new,
            identity,
        }
    }

    /// The rule that decides a field, by the plan that has a decision about it.
    pub(super) fn rule(&self, subject: &Subject, field: &str) -> Option<String> {
        let decisions = self.new.decisions.iter().chain(&self.old.decisions);
        decisions
            .into_iter()
            .find(|decision| decision.subject == *subject && decision.field == field)
            .map(|decision| decision.rule.to_string())
    }
}

/// A path at which two plans differ.
#[derive(Debug)]
pub(super) struct Change {
    /// The path with `*` for each name.
    pub(super) pattern: String,
    /// The names that the stars stand for: of the new plan, where it has the thing.
    pub(super) names: Vec<String>,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

impl Change {
    /// The name that a star stands for.
    pub(super) fn name(&self, star: usize) -> &str {
        self.names.get(star).map_or("", String::as_str)
    }

    /// The last step of the path.
    pub(super) fn field(&self) -> &str {
        self.pattern.rsplit('.').next().unwrap_or_default()
    }

    /// A value as text.
    pub(super) fn text(value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => "nothing".into(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => {
                let items: Vec<_> = items.iter().map(|item| Self::text(Some(item))).collect();
                items.join(",")
            }
            Some(other) => other.to_string(),
        }
    }

    pub(super) fn old_text(&self) -> String {
        Self::text(self.old.as_ref())
    }

    pub(super) fn new_text(&self) -> String {
        Self::text(self.new.as_ref())
    }

    /// A difference of a single value.
    pub(super) fn told(
        &self,
        kind: Kind,
        subject: Subject,
        field: &str,
        happens: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Vec<Difference> {
        let shown =
            |value: &Option<Value>| value.clone().filter(|v| !v.is_object() && !v.is_null());
        vec![Difference {
            severity: kind.severity(),
            kind,
            subject,
            field: field.into(),
            old: shown(&self.old),
            new: shown(&self.new),
            happens: happens.into(),
            remedy: remedy.into(),
            rule: kind.rule().map(str::to_owned),
            copies: 0,
        }]
    }
}

/// Every path at which the plans differ.
pub(super) fn changes(sides: &Sides) -> Vec<Change> {
    let mut found = Vec::new();
    let (Ok(old), Ok(new)) = (
        serde_json::to_value(sides.old),
        serde_json::to_value(sides.new),
    ) else {
        return found;
    };
    let mut walk = Walk {
        identity: &sides.identity,
        names: Vec::new(),
        found: &mut found,
    };
    walk.compare(&SCHEMA, "", Some(&old), Some(&new));
    found
}

struct Walk<'w> {
    identity: &'w Identity,
    names: Vec<String>,
    found: &'w mut Vec<Change>,
}

impl Walk<'_> {
    fn compare(
        &mut self,
        schema: &'static Value,
        at: &str,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        let present = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
        if old == new || (!present(old) && !present(new)) {
            return;
        }
        match (old, new, Shape::of(schema)) {
            (Some(Value::Object(old)), Some(Value::Object(new)), Shape::Struct(fields)) => {
                for (name, schema) in fields {
                    let at = join(at, &name);
                    self.compare(schema, &at, old.get(&name), new.get(&name));
                }
            }
            (Some(Value::Object(old)), Some(Value::Object(new)), Shape::Map(values)) => {
                let identity = self.identity;
                let old = old
                    .iter()
                    .map(|(name, value)| (identity.new_name(at, name), value));
                let new = new.iter().map(|(name, value)| (name.clone(), value));
                self.entries(values, at, old, new);
            }
            (Some(Value::Array(old)), Some(Value::Array(new)), Shape::List(items))
                if key(at).is_some() =>
            {
                let old = self.keyed(at, old, true);
                let new = self.keyed(at, new, false);
                self.entries(items, at, old, new);
            }
            (old, new, _) => self.found.push(Change {
                pattern: at.to_owned(),
                names: self.names.clone(),
                old: old.cloned(),
                new: new.cloned(),
            }),
        }
    }

    /// Entries of two maps or keyed lists, name by name.
    fn entries<'v>(
        &mut self,
        schema: &'static Value,
        at: &str,
        old: impl IntoIterator<Item = (String, &'v Value)>,
        new: impl IntoIterator<Item = (String, &'v Value)>,
    ) {
        let mut both: BTreeMap<String, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
        for (name, value) in old {
            both.entry(name).or_default().0 = Some(value);
        }
        for (name, value) in new {
            both.entry(name).or_default().1 = Some(value);
        }
        let at = join(at, "*");
        for (name, (old, new)) in both {
            self.names.push(name);
            self.compare(schema, &at, old, new);
            self.names.pop();
        }
    }

    /// The elements of a list by their identity, in the new plan's names.
    fn keyed<'v>(&self, at: &str, list: &'v [Value], is_old: bool) -> Vec<(String, &'v Value)> {
        let by = key(at).unwrap_or_default();
        list.iter()
            .enumerate()
            .map(|(index, value)| {
                let own = value
                    .get(by)
                    .map_or_else(|| format!("{index:06}"), |own| Change::text(Some(own)));
                let key = if is_old {
                    self.identity.new_key(at, &own, value)
                } else {
                    own
                };
                (key, value)
            })
            .collect()
    }
}
