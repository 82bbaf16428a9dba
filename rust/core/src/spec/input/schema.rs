//! Holds a value against the JSON Schema of [`Spec`] and finds everything that does not fit.
//!
//! Only what `schemars` writes for our own types is understood: objects, maps, lists, enumerations,
//! numbers with bounds, and strings whose `format` names one of our parsers.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::super::{Platform, Spec};
use super::finding;
use crate::finding::Diagnostic;
use crate::option_path::OptionPath;
use crate::rules::validity::{FIELD_UNKNOWN, VALUE_NOT_UNDERSTOOD};
use crate::units::{parse_format, parse_key};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(Spec).to_value());

static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Names nearer than this to a known one are taken for a slip (Jaro-Winkler similarity, 0 to 1).
const SLIP: f64 = 0.8;

/// Everything in `value` that the schema refuses, in the order of the document.
pub(super) fn findings(value: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check(&SCHEMA, value, &OptionPath::root(), &mut found);
    found
}

/// The schema of the options below a name, such as `workloads`: of the entries, where it is a map.
pub(crate) fn section(path: &[&str]) -> Option<&'static Value> {
    path.iter().try_fold(&*SCHEMA, |schema, step| {
        let schema = some_of(schema);
        let entry = |name: &str| schema.get(name)?.as_object()?.values().next();
        match *step {
            "*" => entry("patternProperties").or_else(|| schema.get("additionalProperties")),
            name => schema.get("properties")?.get(name),
        }
    })
}

/// A schema without its references, and of `T or null` that of `T`.
pub(crate) fn some_of(schema: &'static Value) -> &'static Value {
    let schema = resolve(schema);
    let alternatives = schema.get("anyOf").and_then(Value::as_array);
    let some = alternatives.and_then(|all| {
        all.iter()
            .map(resolve)
            .find(|alternative| alternative.get("type") != Some(&"null".into()))
    });
    some.unwrap_or(schema)
}

fn check(schema: &'static Value, value: &Value, at: &OptionPath, found: &mut Vec<Diagnostic>) {
    let schema = resolve(schema);
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        // `Option<T>`: T or null.
        if !value.is_null() {
            alternatives
                .iter()
                .filter(|alternative| resolve(alternative).get("type") != Some(&"null".into()))
                .for_each(|alternative| check(alternative, value, at, found));
        }
        return;
    }
    if let Some(choices) = choices(schema) {
        check_choice(&choices, value, at, found);
        return;
    }
    let types = types(schema);
    if !types.contains(&kind(value)) {
        refuse(
            found,
            at,
            &format!(
                "this is {}, and {} is wanted",
                article(kind(value)),
                wanted(schema, &types)
            ),
        );
        return;
    }
    match value {
        Value::Object(object) => check_object(schema, object, at, found),
        Value::Array(list) => {
            if let Some(items) = schema.get("items") {
                for (index, element) in list.iter().enumerate() {
                    check(items, element, &at.index(index), found);
                }
            }
        }
        Value::String(text) => {
            let format = schema.get("format").and_then(Value::as_str).unwrap_or("");
            if let Some(message) = parse_format(format, text) {
                refuse(found, at, &message);
            }
        }
        Value::Number(_) => check_bounds(schema, value, at, found),
        Value::Null | Value::Bool(_) => {}
    }
}

fn check_object(
    schema: &'static Value,
    object: &Map<String, Value>,
    at: &OptionPath,
    found: &mut Vec<Diagnostic>,
) {
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&NOTHING);
    let keyed = schema
        .get("patternProperties")
        .and_then(Value::as_object)
        .and_then(|p| p.iter().next());
    let additional = schema
        .get("additionalProperties")
        .filter(|schema| schema.is_object());
    for (key, value) in object {
        let here = at.key(key.as_str());
        if let Some(property) = properties.get(key) {
            check(property, value, &here, found);
        } else if let Some((pattern, values)) = keyed {
            if let Some(message) = wrong_key(pattern, key) {
                refuse(found, &here, &message);
            }
            check(values, value, &here, found);
        } else if let Some(values) = additional {
            check(values, value, &here, found);
        } else {
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            let message = format!("there is no option of this name{}", inside(at));
            found.push(finding(
                &FIELD_UNKNOWN,
                here,
                message,
                suggestion(key, &known),
            ));
        }
    }
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(name) = name.as_str().filter(|name| !object.contains_key(*name)) {
            refuse(found, at, &format!("`{name}` is missing"));
        }
    }
}

/// What is wrong with a key of a map whose schema allows keys of this pattern.
fn wrong_key(pattern: &str, key: &str) -> Option<String> {
    if pattern != Platform::PATTERN {
        return parse_key(pattern, key);
    }
    let known = Platform::ALL.map(Platform::name);
    (!known.contains(&key)).then(|| {
        format!(
            "`{}` is no platform; known are {}",
            key.escape_debug(),
            known.join(", ")
        )
    })
}

fn check_choice(choices: &[&str], value: &Value, at: &OptionPath, found: &mut Vec<Diagnostic>) {
    match value {
        Value::String(text) if choices.contains(&text.as_str()) => {}
        Value::String(text) => {
            let message = format!(
                "`{}` is none of the values that can stand here",
                text.escape_debug()
            );
            found.push(finding(
                &VALUE_NOT_UNDERSTOOD,
                at.clone(),
                message,
                suggestion(text, choices),
            ));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let message = format!(
                "this is {}, and one of certain words is wanted",
                article(kind(value))
            );
            found.push(finding(
                &VALUE_NOT_UNDERSTOOD,
                at.clone(),
                message,
                suggestion("", choices),
            ));
        }
    }
}

fn check_bounds(schema: &Value, value: &Value, at: &OptionPath, found: &mut Vec<Diagnostic>) {
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    let (low, high) = (
        bound("minimum").unwrap_or(0),
        bound("maximum").unwrap_or(i64::from(u32::MAX)),
    );
    if value
        .as_i64()
        .is_none_or(|number| number < low || number > high)
    {
        refuse(
            found,
            at,
            &format!("{value} is not a whole number from {low} to {high}"),
        );
    }
}

fn refuse(found: &mut Vec<Diagnostic>, at: &OptionPath, message: &str) {
    let help = "see `podman-btrfs schema spec` for what can stand here".to_owned();
    found.push(finding(
        &VALUE_NOT_UNDERSTOOD,
        at.clone(),
        message.to_owned(),
        help,
    ));
}

/// Follows a reference into `$defs`.
fn resolve(schema: &'static Value) -> &'static Value {
    match schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|r| r.strip_prefix('#'))
    {
        Some(pointer) => SCHEMA.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}

/// The words of an enumeration.
pub(crate) fn choices(schema: &Value) -> Option<Vec<&str>> {
    let list = schema
        .get("oneOf")
        .or_else(|| schema.get("enum"))?
        .as_array()?;
    Some(
        list.iter()
            .filter_map(|choice| choice.get("const").unwrap_or(choice).as_str())
            .collect(),
    )
}

/// The JSON types that a schema allows.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(only)) => vec![only],
        _ => vec!["object"],
    }
}

/// A value's type, in JSON Schema's words.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A type in the words of a Nix user.
fn article(kind: &str) -> &str {
    match kind {
        "null" => "null",
        "boolean" => "a boolean",
        "number" => "a number with a fraction",
        "integer" => "a whole number",
        "string" => "a string",
        "array" => "a list",
        _ => "an attribute set",
    }
}

fn wanted(schema: &Value, types: &[&str]) -> String {
    let what = types
        .iter()
        .find(|kind| **kind != "null")
        .map_or("something else", |kind| article(kind));
    match schema
        .get("format")
        .and_then(Value::as_str)
        .and_then(|f| f.strip_prefix("podman-btrfs-"))
    {
        Some(format) => format!("{what} (a {})", format.replace('-', " ")),
        None => what.to_owned(),
    }
}

fn inside(at: &OptionPath) -> String {
    if at.0.is_empty() {
        " at the top".into()
    } else {
        format!(" in `{at}`")
    }
}

/// "Did you mean", or the list where nothing is near.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|name| {
            (
                strsim::jaro_winkler(&written.to_ascii_lowercase(), &name.to_ascii_lowercase()),
                name,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((similarity, name)) if similarity >= SLIP => format!("did you mean `{name}`?"),
        _ if known.is_empty() => "nothing is declared there".to_owned(),
        _ => format!("one of: {}", known.join(", ")),
    }
}
