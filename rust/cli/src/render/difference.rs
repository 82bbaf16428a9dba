//! How a committed plan differs from the plan of today.

use std::path::Path;

use podman_btrfs_core::option_path::OptionPath;
use serde_json::Value;

/// How many differences are listed.
const SHOWN: usize = 20;
/// How much of a value is shown.
const MAX_VALUE: usize = 60;

/// What the committed file says, what is planned now, and how to write the file anew.
pub(crate) fn stale(file: &Path, committed: &[u8], planned: &str, refresh: Option<&str>) -> String {
    let planned: Value = serde_json::from_str(planned).unwrap_or_default();
    let mut text = format!(
        "{} is not the plan of this configuration:\n",
        file.display()
    );
    match serde_json::from_slice::<Value>(committed) {
        Err(error) => text += &format!("  it is not JSON: {error}\n"),
        Ok(old) => {
            let mut found = Vec::new();
            compare(&OptionPath::root(), Some(&old), Some(&planned), &mut found);
            for line in found.iter().take(SHOWN) {
                text += &format!("  {line}\n");
            }
            if found.len() > SHOWN {
                text += &format!("  and {} more\n", found.len() - SHOWN);
            }
            if found.is_empty() {
                text += "  the content is the same, and it is written in another way\n";
            }
        }
    }
    let refresh = refresh.unwrap_or("podman-btrfs plan FILE --format bundle");
    text + &format!("help: write it anew, look at what changes, and commit it:\n  {refresh}\n")
}

fn compare(at: &OptionPath, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<String>) {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                compare(&at.key(name.as_str()), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for index in 0..old.len().max(new.len()) {
                compare(&at.index(index), old.get(index), new.get(index), found);
            }
        }
        _ if old == new => {}
        _ => found.push(format!("{at}: {} -> {}", shown(old), shown(new))),
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    let short: String = text.chars().take(MAX_VALUE).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        text
    }
}
