//! Lists in place of objects.
//!
//! What serde derives reads a struct from a list too, field by field in the order of the source: `engine = [ ]`
//! would be an engine of defaults. Nobody means that.

use serde_json::Value;

/// Where lists belong; `*` is any name. A list that is missing here is held against the schema, which costs time
/// and nothing else.
const PLACES: [&[&str]; 6] = [
    &["filesystems", "*", "disks"],
    &["filesystems", "*", "existing", "mounts", "*", "options"],
    &["workloads", "*", "platforms"],
    &["workloads", "*", "protection", "hooks", "*", "freeze"],
    &["workloads", "*", "protection", "hooks", "*", "thaw"],
    &["policies", "*", "targets"],
];

/// True when a list stands where none of [`PLACES`] is.
pub(super) fn stand_elsewhere(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(_) => below(value, &mut Vec::new()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn below<'a>(value: &'a Value, path: &mut Vec<&'a str>) -> bool {
    match value {
        Value::Array(items) => {
            !PLACES.iter().any(|place| matches(place, path))
                || items.iter().any(|item| item.is_array() || item.is_object())
        }
        Value::Object(fields) => fields.iter().any(|(name, field)| {
            path.push(name);
            let found = below(field, path);
            path.pop();
            found
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn matches(place: &[&str], path: &[&str]) -> bool {
    place.len() == path.len()
        && place
            .iter()
            .zip(path)
            .all(|(expected, name)| *expected == "*" || expected == name)
}
