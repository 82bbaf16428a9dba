//! What would change a decision: neighbouring declarations are decided too, and those are listed in which it
//! comes out otherwise.
//!
//! A neighbour differs in one option. Which options are tried is read from the schema of declarations, so that a
//! new option is tried without being listed here; what values, from their types.

mod neighbours;
mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::analysis::analyse;
use crate::finding::has_errors;
use crate::option_path::{OptionPath, Step};
use crate::plan::{Decision, Subject};
use crate::rules::decide;
use crate::spec::Spec;

/// The most declarations that are tried for one question.
pub const MOST_TRIED: usize = 400;

/// A change of one option that changes a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flip {
    /// The value that is decided then.
    pub becomes: Value,
    /// The option.
    pub at: OptionPath,
    /// The values of the option that lead to it; `null`: not said.
    pub values: Vec<Value>,
}

/// One option with another value.
struct Neighbour {
    at: OptionPath,
    value: Value,
}

/// For each of these decisions, what flips it; in the order of the decisions.
#[must_use]
pub fn flips(spec: &Spec, decisions: &[&Decision]) -> Vec<Vec<Flip>> {
    let mut found: Vec<Vec<Flip>> = vec![Vec::new(); decisions.len()];
    let Ok(mut declaration) = serde_json::to_value(spec) else {
        return found;
    };
    let places: BTreeMap<(&Subject, &str), usize> = decisions
        .iter()
        .enumerate()
        .map(|(place, decision)| ((&decision.subject, decision.field.as_ref()), place))
        .collect();
    let subjects = decisions.iter().map(|decision| &decision.subject);
    let tried = neighbours::of(spec, &declaration, subjects);
    for Neighbour { at, value } in tried.into_iter().take(MOST_TRIED) {
        let Some(before) = replace(&mut declaration, &at, value.clone()) else {
            continue;
        };
        let neighbour = Spec::deserialize(&declaration);
        let is_same = before == value;
        replace(&mut declaration, &at, before);
        let Some(neighbour) = neighbour.ok().filter(|_| !is_same) else {
            continue;
        };
        for decision in decided(&neighbour) {
            let place = places.get(&(&decision.subject, decision.field.as_ref()));
            let Some((place, asked)) = place.and_then(|at| Some((*at, *decisions.get(*at)?)))
            else {
                continue;
            };
            if decision.value != asked.value {
                add(&mut found[place], &at, &value, decision.value);
            }
        }
    }
    found
}

/// What is decided about a neighbour; nothing, where it has mistakes.
fn decided(spec: &Spec) -> Vec<Decision> {
    let outcome = decide(&analyse(spec));
    if has_errors(&outcome.diagnostics) {
        Vec::new()
    } else {
        outcome.decisions
    }
}

fn add(flips: &mut Vec<Flip>, at: &OptionPath, value: &Value, becomes: Value) {
    let same = flips
        .iter_mut()
        .find(|flip| flip.at == *at && flip.becomes == becomes);
    match same {
        Some(flip) => flip.values.push(value.clone()),
        None => flips.push(Flip {
            becomes,
            at: at.clone(),
            values: vec![value.clone()],
        }),
    }
}

/// Sets the value at a path and returns what stood there; `None`, and nothing is set, where nothing can.
fn replace(declaration: &mut Value, at: &OptionPath, value: Value) -> Option<Value> {
    let mut place = declaration;
    for step in &at.0 {
        let Step::Key(key) = step else {
            return None;
        };
        place = place
            .as_object_mut()?
            .entry(key.as_str())
            .or_insert(Value::Null);
    }
    Some(std::mem::replace(place, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::build;
    use crate::spec::input::parse_json;

    const HOST: &str = r#"{"filesystems": {"tank": {"disks": ["/dev/a"]}}, "policies": {"gold": {"rpo": "1h"}},
        "workloads": {"shop": {"containers": {"pg": {"image": "mariadb:11"}}, "protection": {"policy": "gold"},
        "volumes": {"data": {"mounts": {"pg": "/var/lib/mysql"}}}}}}"#;

    fn told(text: &str, subject: &str, field: &str) -> Vec<String> {
        let spec = parse_json(text).unwrap();
        let plan = build(&spec);
        let asked: Vec<&Decision> = plan
            .decisions
            .iter()
            .filter(|it| it.subject.to_string() == subject && it.field == field)
            .collect();
        assert_eq!(asked.len(), 1);
        let flips = flips(&spec, &asked).remove(0);
        flips
            .iter()
            .map(|flip| format!("{}: {} = {:?}", flip.becomes, flip.at, flip.values))
            .collect()
    }

    #[test]
    fn leaving_a_database_out_of_the_snapshots_makes_it_nodatacow() {
        let told = told(HOST, "shop/data", "copyOnWrite");
        let wanted = "false: workloads.shop.volumes.data.snapshot = [Bool(false)]";
        assert!(told.iter().any(|line| line == wanted), "{told:#?}");
        let wanted = "false: workloads.shop.protection = [Null]";
        assert!(told.iter().any(|line| line == wanted), "{told:#?}");
        assert!(!told.iter().any(|line| line.contains("rpo")), "{told:#?}");
    }

    #[test]
    fn a_second_disk_and_a_limit_are_tried() {
        let profile = told(HOST, "filesystem tank", "dataProfile");
        assert!(
            profile
                .iter()
                .any(|line| line.starts_with("\"raid1\": filesystems.tank.disks")),
            "{profile:#?}"
        );
        let quota = told(HOST, "filesystem tank", "quota");
        assert!(
            quota
                .iter()
                .any(|line| line.starts_with("\"simple\": workloads.shop.volumes.data.limit")),
            "{quota:#?}"
        );
    }

    #[test]
    fn every_flip_is_one_when_it_is_planned() {
        let spec = parse_json(HOST).unwrap();
        let plan = build(&spec);
        let asked: Vec<&Decision> = plan.decisions.iter().collect();
        let mut checked = 0;
        for (decision, flips) in asked.iter().zip(flips(&spec, &asked)) {
            for flip in flips {
                for value in &flip.values {
                    let mut declaration = serde_json::to_value(&spec).unwrap();
                    replace(&mut declaration, &flip.at, value.clone()).unwrap();
                    let neighbour = parse_json(&declaration.to_string()).unwrap();
                    let after = build(&neighbour).decisions;
                    let after = after
                        .iter()
                        .find(|it| it.subject == decision.subject && it.field == decision.field)
                        .unwrap();
                    assert_eq!(after.value, flip.becomes, "{} = {value}", flip.at);
                    checked += 1;
                }
            }
        }
        assert!(checked > 40, "{checked}");
    }

    #[test]
    fn an_override_that_is_taken_back_is_tried() {
        let text = HOST.replace(r#"{"mounts""#, r#"{"copyOnWrite": false, "mounts""#);
        let told = told(&text, "shop/data", "copyOnWrite");
        let wanted = "true: workloads.shop.volumes.data.copyOnWrite = [Null, Bool(true)]";
        assert!(told.iter().any(|line| line == wanted), "{told:#?}");
    }
}
