//! What a rule may be called.

use podman_btrfs_core::rules::REGISTRY;

use crate::task_error::TaskError;

/// Words that preach; a rule's name says what it decides or what it found.
const PREACHING: [&str; 4] = ["should", "check", "avoid", "no"];

/// A name is the summary that a new rule begins with, and a summary has so many characters at most.
const MAX_LENGTH: usize = 72;

/// Fails when a rule cannot have this name, or one has it.
pub(super) fn check(name: &str) -> Result<(), TaskError> {
    match refusal(name) {
        Some(why) => Err(TaskError::Rule {
            name: name.to_owned(),
            why,
        }),
        None => Ok(()),
    }
}

fn refusal(name: &str) -> Option<String> {
    let mut words = name.split('-');
    if !words
        .clone()
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
    {
        return Some("a name is words of a-z with single dashes between them".to_owned());
    }
    if name.len() > MAX_LENGTH {
        return Some(format!(
            "it has {} letters, {MAX_LENGTH} at most",
            name.len()
        ));
    }
    if let Some(word) = words.find(|word| PREACHING.contains(word)) {
        return Some(format!(
            "`{word}` preaches; end the sentence \"decided by …\" or \"found …\""
        ));
    }
    let taken = REGISTRY.iter().find(|rule| rule.name == name)?;
    Some(format!("{} has this name", taken.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_file_name_or_preaches_is_refused() {
        for name in [
            "",
            "A",
            "a_b",
            "a--b",
            "-a",
            "a-",
            "../a",
            "no-cow",
            "size-check",
            "a1",
        ] {
            assert!(refusal(name).is_some(), "{name}");
        }
        assert!(refusal(&"a".repeat(73)).is_some());
        assert_eq!(refusal("nodatacow-for-x"), None);
    }

    #[test]
    fn a_name_that_a_rule_has_is_refused_with_its_code() {
        let why = refusal(REGISTRY[0].name).unwrap();
        assert!(why.contains(REGISTRY[0].code), "{why}");
    }
}
