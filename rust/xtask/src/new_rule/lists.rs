//! The two lists that a rule stands in.

use podman_btrfs_core::rules::Stage;

use crate::task_error::TaskError;

/// `mod.rs` of a stage with one more module, in the order of their names.
pub(super) fn with_module(file: &str, text: &str, module: &str) -> Result<String, TaskError> {
    let mut lines: Vec<&str> = text.lines().collect();
    let is_module = |line: &&str| line.starts_with("pub mod ") && line.ends_with(';');
    let line = format!("pub mod {module};");
    let place = lines
        .iter()
        .position(|other| is_module(other) && **other > *line)
        .or_else(|| lines.iter().rposition(is_module).map(|last| last + 1))
        .ok_or_else(|| TaskError::Unrecognised {
            file: file.to_owned(),
            missing: "`pub mod …;`".to_owned(),
        })?;
    lines.insert(place, &line);
    Ok(lines.join("\n") + "\n")
}

/// The registry with one more rule, last of its stage: its code is the highest.
pub(super) fn with_rule(
    file: &str,
    text: &str,
    stage: Stage,
    module: &str,
) -> Result<String, TaskError> {
    let mut lines: Vec<&str> = text.lines().collect();
    let of_stage = format!("    &{}::", stage.name());
    let last = lines
        .iter()
        .rposition(|line| line.starts_with(&of_stage))
        .ok_or_else(|| TaskError::Unrecognised {
            file: file.to_owned(),
            missing: format!("`&{}::…::RULE,`", stage.name()),
        })?;
    let line = format!("{of_stage}{module}::RULE,");
    lines.insert(last + 1, &line);
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_stands_in_the_order_of_names() {
        let text = "//! Head.\n\npub mod b;\npub mod d;\n\nuse x;\n";
        let with = |module| with_module("mod.rs", text, module).unwrap();
        assert_eq!(
            with("a"),
            "//! Head.\n\npub mod a;\npub mod b;\npub mod d;\n\nuse x;\n"
        );
        assert_eq!(
            with("c"),
            "//! Head.\n\npub mod b;\npub mod c;\npub mod d;\n\nuse x;\n"
        );
        assert_eq!(
            with("e"),
            "//! Head.\n\npub mod b;\npub mod d;\npub mod e;\n\nuse x;\n"
        );
    }

    #[test]
    fn a_rule_stands_last_in_its_stage() {
        let text = "static R: &[&Rule] = &[\n    &class::a::RULE,\n    &layout::b::RULE,\n];\n";
        let with = with_rule("registry.rs", text, Stage::Class, "z").unwrap();
        assert_eq!(
            with,
            "static R: &[&Rule] = &[\n    &class::a::RULE,\n    &class::z::RULE,\n    &layout::b::RULE,\n];\n"
        );
    }

    #[test]
    fn a_list_of_another_shape_is_left_alone() {
        assert!(with_module("mod.rs", "mod a;\n", "b").is_err());
        assert!(with_rule("registry.rs", "&class::a::RULE\n", Stage::Class, "b").is_err());
    }
}
