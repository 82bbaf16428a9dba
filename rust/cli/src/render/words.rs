//! Small texts that several views share.

use serde_json::Value;

use crate::output::Style;

/// `1 volume`, `3 volumes`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else if let Some(stem) = one.strip_suffix('y') {
        format!("{number} {stem}ies")
    } else {
        format!("{number} {one}s")
    }
}

/// A decided value as one reads it: no quotes, no braces.
pub(crate) fn value(value: &Value, style: Style) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => one_line(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| self::value(item, style)).collect();
            items.join(", ")
        }
        Value::Object(fields) => {
            let arrow = style.either("→", "->");
            let fields: Vec<_> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| {
                    format!("{} {arrow} {}", one_line(name), self::value(value, style))
                })
                .collect();
            fields.join(", ")
        }
    }
}

/// A text in which nothing can move the cursor.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_debug());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// The first few of many, and how many more there are.
pub(crate) fn first_of(items: &[String], shown: usize) -> String {
    match items.get(..shown) {
        Some(first) if items.len() > shown => {
            format!("{} and {} more", first.join(", "), items.len() - shown)
        }
        _ => items.join(", "),
    }
}
