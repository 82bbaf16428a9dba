//! Whatever JSON is printed as Nix reads back the same, however its strings are written.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use podman_btrfs_core::option_path::OptionPath;
use podman_btrfs_source::{Spans, read};
use proptest::prelude::*;
use serde_json::{Map, Value};

fn print_string(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${")
        .replace('\r', "\\r");
    format!("\"{escaped}\"")
}

/// An indented string: every line is indented alike, and an escape keeps the first blanks and the last line.
fn print_indented(text: &str) -> String {
    let escaped = text
        .replace("''", "'''")
        .replace("${", "''${")
        .replace('\r', "''\\r")
        .replace('\t', "''\\t");
    // A lone `'` at the end would join the closing quotes, and `$` before an escape would take its quote.
    format!("''${{\"\"}}{}${{\"\"}}''", escaped.replace('\n', "''\\n"))
}

fn print(value: &Value, indented: bool) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) if number.to_string().starts_with('-') => format!("({number})"),
        Value::Number(number) => number.to_string(),
        Value::String(text) if indented && is_safe_indented(text) => print_indented(text),
        Value::String(text) => print_string(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| print(item, indented)).collect();
            format!("[ {} ]", items.join(" "))
        }
        Value::Object(attributes) => {
            let attributes: Vec<_> = attributes
                .iter()
                .map(|(name, value)| {
                    format!("{} = {};", print_string(name), print(value, indented))
                })
                .collect();
            format!("{{ {} }}", attributes.join(" "))
        }
    }
}

/// The little printer above does not try to be clever about quotes and dollars that touch escapes.
fn is_safe_indented(text: &str) -> bool {
    !text.contains('\'') && !text.contains('$')
}

fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>().prop_filter("Nix has no NUL", |text| !text.contains('\0')),
        "[ \n\r\t\\\\$\\{\\}\"'a]{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>()
            .prop_filter("Nix cannot write the least integer", |number| *number
                != i64::MIN)
            .prop_map(Value::from),
        (-1.0e15..1.0e15)
            .prop_filter("a float has a fraction", |number: &f64| number.fract()
                != 0.0
                && number.abs() > 1e-4)
            .prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..6)
                .prop_map(|attributes| Value::Object(Map::from_iter(attributes))),
        ]
    })
}

/// Every part has a place, and what stands there reads as the part.
fn check_places(text: &str, value: &Value, spans: &Spans, path: &OptionPath) {
    let place = spans.get(path).unwrap();
    assert_eq!(&read(&text[place.value]).unwrap().value, value, "{path}");
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_places(text, item, spans, &path.index(index));
            }
        }
        Value::Object(attributes) => {
            for (name, value) in attributes {
                let path = path.key(name);
                let key = spans.get(&path).unwrap().key.unwrap();
                assert_eq!(text[key], print_string(name));
                check_places(text, value, spans, &path);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #[test]
    fn json_printed_as_nix_reads_back_the_same(value in json(), indented in any::<bool>()) {
        let text = print(&value, indented);
        let document = read(&text).map_err(|findings| TestCaseError::fail(format!("{text}\n{findings:?}")))?;
        prop_assert_eq!(&document.value, &value);
        check_places(&text, &value, &document.spans, &OptionPath::root());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_mixture_of_nix_makes_the_reader_panic(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..60),
    ) {
        let _ = read(&words.concat());
        let _ = podman_btrfs_source::read_declaration(&words.join(" "));
    }
}

const WORDS: &[&str] = &[
    "{", "}", "[", "]", "(", ")", "${", "\"", "''", "'", "$", "\\", "=", ";", ".", ",", ":", "@",
    "?", "...", "let", "in", "inherit", "rec", "with", "if", "then", "else", "assert", "or", "a",
    "b", "1", "1.5", ".5e", "-", "!", "++", "//", "+", "->", "./x", "/x", "/", "~/", "<x>", "<",
    "a:b", "# c\n", "/*", "*/", " ", "\n", "\r\n", "é", "true", "null", "x/${", "__curPos",
    "\u{a0}", "|>", "&&", "services", "config",
];
