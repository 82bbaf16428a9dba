//! Which values an option is tried with, by its type.

use serde_json::Value;

use crate::spec::input::schema::{choices, some_of, types};
use crate::units::{ByteSize, Duration, Rate, Text, Version};

/// Values of the types that cannot be tried one and all.
const OF_FORMATS: &[(&str, &[&str])] = &[
    (ByteSize::FORMAT, &["1G", "1T"]),
    (Duration::FORMAT, &["15min", "1h", "1d", "30d"]),
    (Rate::FORMAT, &["100G/day"]),
    (Version::FORMAT, &["5.4", "6.1", "6.18"]),
];
const NUMBERS: &[u64] = &[1, 2, 100];

/// The values that an option of this schema is tried with; none, for what is a reference or composed.
pub(super) fn of(schema: &'static Value) -> Vec<Value> {
    let schema = some_of(schema);
    if let Some(choices) = choices(schema) {
        return choices.into_iter().map(Value::from).collect();
    }
    let types = types(schema);
    if types.contains(&"boolean") {
        return vec![Value::Bool(true), Value::Bool(false)];
    }
    if types.contains(&"integer") {
        let most = schema.get("maximum").and_then(Value::as_u64);
        return NUMBERS
            .iter()
            .filter(|number| most.is_none_or(|most| **number <= most))
            .map(|number| Value::from(*number))
            .collect();
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or("");
    let found = OF_FORMATS.iter().find(|(known, _)| *known == format);
    found.map_or_else(Vec::new, |(_, values)| {
        values.iter().map(|value| Value::from(*value)).collect()
    })
}
