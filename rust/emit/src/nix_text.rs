//! A Nix value to a formatted file, proved by reading it back.

use podman_btrfs_core::option_path::OptionPath;
use serde_json::Value;

use crate::EmitError;
use crate::nix_value::NixValue;

/// The file: a comment line, and the value as alejandra formats it.
pub(crate) fn write(
    artefact: &'static str,
    header: &str,
    value: &NixValue,
) -> Result<String, EmitError> {
    let text = format(artefact, format!("{header}{}\n", value.render()))?;
    let said = read_back(artefact, &text)?;
    match first_difference(&OptionPath::root(), &value.to_json(), &said) {
        None => Ok(text),
        Some((at, meant, said)) => Err(EmitError::Differs {
            artefact,
            at,
            meant,
            said,
        }),
    }
}

/// The formatter returns its input unchanged beside an error, so the status must be looked at.
fn format(artefact: &'static str, text: String) -> Result<String, EmitError> {
    match alejandra::format::in_memory(artefact.to_owned(), text) {
        (alejandra::format::Status::Changed(_), formatted) => Ok(formatted),
        (alejandra::format::Status::Error(why), _) => Err(EmitError::Format { artefact, why }),
    }
}

/// Reads the text with the reader that declarations are read with: another parser than the formatter's.
fn read_back(artefact: &'static str, text: &str) -> Result<Value, EmitError> {
    podman_btrfs_source::read(text)
        .map(|document| document.value)
        .map_err(|problems| EmitError::ReadBack {
            artefact,
            why: problems.first().map_or_else(
                || "no reason is given".to_owned(),
                |problem| problem.message.clone(),
            ),
        })
}

fn first_difference(
    at: &OptionPath,
    meant: &Value,
    said: &Value,
) -> Option<(String, String, String)> {
    match (meant, said) {
        (Value::Object(meant), Value::Object(said)) => {
            meant.keys().chain(said.keys()).find_map(|key| {
                let absent = Value::Null;
                first_difference(
                    &at.key(key.as_str()),
                    meant.get(key).unwrap_or(&absent),
                    said.get(key).unwrap_or(&absent),
                )
            })
        }
        (Value::Array(meant), Value::Array(said)) if meant.len() == said.len() => meant
            .iter()
            .zip(said)
            .enumerate()
            .find_map(|(index, (meant, said))| first_difference(&at.index(index), meant, said)),
        _ if meant == said => None,
        _ => Some((at.to_string(), meant.to_string(), said.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_with_everything_hostile_is_read_back_as_meant() {
        let hostile = "a\"b\\c\nd\re\tf${g}$${h}$i{j}''k'${''l#m/*n*/ä\u{1b}";
        let value = NixValue::Set(vec![
            (
                hostile.to_owned(),
                NixValue::list([hostile.to_owned(), String::new()]),
            ),
            (
                "in".to_owned(),
                NixValue::set([("with", NixValue::Bool(false))]),
            ),
            ("empty".to_owned(), NixValue::Set(Vec::new())),
        ]);
        let text = write("x.nix", "# c\n", &value).unwrap();
        assert!(text.starts_with("# c\n{"), "{text}");
    }

    #[test]
    fn a_text_that_says_something_else_is_told_with_its_place() {
        let difference = first_difference(
            &OptionPath::root(),
            &json!({"a": {"b c": [1, 2]}, "d": 1}),
            &json!({"a": {"b c": [1, 3]}}),
        );
        assert_eq!(
            difference,
            Some(("a.\"b c\"[1]".into(), "2".into(), "3".into()))
        );
        let missing = first_difference(&OptionPath::root(), &json!({"d": 1}), &json!({}));
        assert_eq!(missing, Some(("d".into(), "1".into(), "null".into())));
    }

    #[test]
    fn a_name_given_twice_is_not_lost() {
        let twice = NixValue::set([("a", NixValue::Bool(true)), ("a", NixValue::Bool(false))]);
        assert!(write("x.nix", "", &twice).is_err());
    }

    #[test]
    fn the_formatters_error_is_not_taken_for_its_output() {
        let error = format("x.nix", "{ a = ; }".into()).unwrap_err();
        assert!(matches!(error, EmitError::Format { .. }), "{error}");
    }
}
