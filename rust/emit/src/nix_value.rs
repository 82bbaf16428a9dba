//! Nix values of plain data, and their text.
//!
//! Strings are written with `"` only: the formatter changes the value of `''` strings (alejandra 3.1.0
//! takes blanks away at the ends of their lines).

use podman_btrfs_core::option_path::is_plain_attribute_name;
use serde_json::Value;

/// A Nix value without functions, paths and numbers, none of which our artefacts need.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NixValue {
    Bool(bool),
    Text(String),
    List(Vec<NixValue>),
    /// Attributes in the order in which they are written; names are unique.
    Set(Vec<(String, NixValue)>),
}

impl NixValue {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn list(items: impl IntoIterator<Item = String>) -> Self {
        Self::List(items.into_iter().map(Self::Text).collect())
    }

    pub(crate) fn set<const N: usize>(attributes: [(&str, Self); N]) -> Self {
        Self::Set(
            attributes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// The same value as JSON, for comparison with what a reader of the text finds.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Set(attributes) => Value::Object(
                attributes
                    .iter()
                    .map(|(name, value)| (name.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// The value as Nix text, not yet formatted.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        self.render_into(&mut out);
        out
    }

    fn render_into(&self, out: &mut String) {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Text(text) => render_text(text, out),
            Self::List(items) => render_list(items, out),
            Self::Set(attributes) if attributes.is_empty() => out.push_str("{}"),
            Self::Set(attributes) => {
                out.push_str("{\n");
                for (name, value) in attributes {
                    render_name(name, out);
                    let value = value.render_single_attributes_into(out);
                    out.push_str(" = ");
                    value.render_into(out);
                    out.push_str(";\n");
                }
                out.push('}');
            }
        }
    }

    /// Goes down while a set has one attribute, which reads better as `a.b.c = …`; returns what is at
    /// the end.
    fn render_single_attributes_into(&self, out: &mut String) -> &Self {
        let mut value = self;
        while let Self::Set(attributes) = value
            && let [(name, inner)] = attributes.as_slice()
        {
            out.push('.');
            render_name(name, out);
            value = inner;
        }
        value
    }
}

/// A list, with an item on each line where one line would be long: the formatter keeps either.
fn render_list(items: &[NixValue], out: &mut String) {
    const LONG: usize = 50;
    let items: Vec<String> = items.iter().map(NixValue::render).collect();
    let is_long = items.iter().map(|item| item.len() + 1).sum::<usize>() > LONG;
    let separator = if is_long { "\n" } else { " " };
    out.push('[');
    for item in items {
        out.push_str(separator);
        out.push_str(&item);
    }
    out.push_str(separator);
    out.push(']');
}

fn render_name(name: &str, out: &mut String) {
    if is_plain_attribute_name(name) {
        out.push_str(name);
    } else {
        render_text(name, out);
    }
}

/// A string in quotes, with everything escaped that a quoted Nix string gives a meaning to.
///
/// A carriage return too, which Nix would read as a line feed.
fn render_text(text: &str, out: &mut String) {
    out.push('"');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => out.push_str("\\$"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_with_a_meaning_in_a_string_is_escaped() {
        let value = NixValue::text("a\"b\\c\nd\re\tf${g}$${h}$i{j}''k");
        assert_eq!(value.render(), r#""a\"b\\c\nd\re\tf\${g}$\${h}$i{j}''k""#);
    }

    #[test]
    fn names_are_quoted_where_nix_needs_it() {
        let value = NixValue::Set(
            ["plain", "with space", "in", "9", "", "a.b", "@root", "${x}"]
                .map(|name| (name.to_owned(), NixValue::Bool(true)))
                .to_vec(),
        );
        let names: Vec<_> = value
            .render()
            .lines()
            .filter_map(|line| line.strip_suffix(" = true;").map(str::to_owned))
            .collect();
        assert_eq!(
            names,
            [
                "plain",
                "\"with space\"",
                "\"in\"",
                "\"9\"",
                "\"\"",
                "\"a.b\"",
                "\"@root\"",
                "\"\\${x}\""
            ]
        );
    }

    #[test]
    fn a_set_of_one_attribute_is_written_as_a_path() {
        let value = NixValue::set([(
            "a",
            NixValue::set([("b c", NixValue::set([("d", NixValue::Set(Vec::new()))]))]),
        )]);
        assert_eq!(value.render(), "{\na.\"b c\".d = {};\n}");
    }
}
