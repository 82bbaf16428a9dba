//! The code of a new rule: one above the highest that the stage ever had.

use podman_btrfs_core::rules::{REGISTRY, Stage};

use crate::task_error::TaskError;

/// The next code. Pages count too: a removed rule keeps its page, and its code is never used again.
pub(super) fn next(stage: Stage, name: &str, pages: &[String]) -> Result<String, TaskError> {
    let registered = REGISTRY.iter().map(|rule| rule.code);
    let on_pages = pages
        .iter()
        .filter_map(|page| page.strip_prefix("# ")?.split(' ').next());
    let highest = registered
        .chain(on_pages)
        .filter_map(|code| {
            code.strip_prefix("PB")?
                .strip_prefix(stage.hundred())?
                .parse::<u8>()
                .ok()
        })
        .max()
        .unwrap_or(0);
    if highest >= 99 {
        return Err(TaskError::Rule {
            name: name.to_owned(),
            why: format!("stage {} has no code left", stage.name()),
        });
    }
    Ok(format!("PB{}{:02}", stage.hundred(), highest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_removed_rule_is_not_used_again() {
        let removed = vec![
            "# PB497 removed-rule\n".to_owned(),
            "# PB298 elsewhere\n".to_owned(),
        ];
        assert_eq!(next(Stage::Attributes, "a", &removed).unwrap(), "PB498");
    }

    #[test]
    fn a_full_stage_is_said() {
        let last = vec!["# PB499 last\n".to_owned()];
        assert!(next(Stage::Attributes, "a", &last).is_err());
    }

    #[test]
    fn no_registered_code_is_given_again() {
        for stage in Stage::ALL {
            let code = next(stage, "a", &[]).unwrap();
            assert!(REGISTRY.iter().all(|rule| rule.code != code), "{code}");
        }
    }
}
