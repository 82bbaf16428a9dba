//! The plan's schema, as far as two plans are walked along it.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::plan::Plan;

/// The schema of plans.
pub(super) static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| schemars::schema_for!(Plan).to_value());
static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Lists whose elements have an identity, and the field that holds it; without such a field it is the place in
/// the list. All other lists are compared as one value.
const KEYED: &[(&str, &str)] = &[
    ("filesystems.*.mounts", "mountPoint"),
    ("filesystems.*.subvolumes", "path"),
    ("workloads.*.instances", "position"),
    ("protection.jobs", "name"),
    ("protection.jobs.*.subvolumes", "name"),
];

/// What the elements of a list are told apart by.
pub(super) fn key(at: &str) -> Option<&'static str> {
    let found = KEYED.iter().find(|(list, _)| *list == at)?;
    Some(found.1)
}

/// A path and one more step.
pub(super) fn join(at: &str, step: &str) -> String {
    if at.is_empty() {
        step.to_owned()
    } else {
        format!("{at}.{step}")
    }
}

/// What a schema describes, as far as the walk needs to know.
pub(super) enum Shape {
    Struct(Vec<(String, &'static Value)>),
    Map(&'static Value),
    List(&'static Value),
    Value,
}

impl Shape {
    /// The shape of a schema.
    pub(super) fn of(schema: &'static Value) -> Self {
        let schema = resolve(schema);
        if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
            // `Option<T>`: T or null.
            return alternatives.first().map_or(Self::Value, Self::of);
        }
        if let Some(items) = schema.get("items") {
            return Self::List(items);
        }
        let mut fields: Vec<(String, &'static Value)> = Vec::new();
        let variants = schema.get("oneOf").and_then(Value::as_array);
        for part in variants.into_iter().flatten().chain([schema]) {
            let properties = part.get("properties").and_then(Value::as_object);
            for (name, value) in properties.unwrap_or(&NOTHING) {
                if fields.iter().all(|(known, _)| known != name) {
                    fields.push((name.clone(), value));
                }
            }
        }
        let values = schema
            .get("patternProperties")
            .and_then(Value::as_object)
            .and_then(|patterns| patterns.values().next())
            .or_else(|| {
                schema
                    .get("additionalProperties")
                    .filter(|it| it.is_object())
            });
        match values {
            Some(values) => Self::Map(values),
            None if fields.is_empty() => Self::Value,
            None => Self::Struct(fields),
        }
    }
}

/// Follows a reference into `$defs`.
fn resolve(schema: &'static Value) -> &'static Value {
    let pointer = schema.get("$ref").and_then(Value::as_str);
    match pointer.and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => SCHEMA.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}

/// Every path that a change can have, so that a test can see each of them claimed.
#[cfg(test)]
pub(super) fn all_paths() -> Vec<String> {
    fn visit(schema: &'static Value, at: &str, found: &mut Vec<String>) {
        let is_optional = schema.get("anyOf").is_some();
        match Shape::of(schema) {
            Shape::Struct(fields) => {
                if is_optional || at.ends_with('*') {
                    found.push(at.to_owned());
                }
                for (name, schema) in fields {
                    visit(schema, &join(at, &name), found);
                }
            }
            Shape::Map(items) => visit(items, &join(at, "*"), found),
            Shape::List(items) if key(at).is_some() => visit(items, &join(at, "*"), found),
            Shape::List(_) | Shape::Value => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    visit(&SCHEMA, "", &mut found);
    found
}
