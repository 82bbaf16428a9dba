//! What would change between two plans.

use podman_btrfs_core::diff::{Difference, Severity};
use serde_json::{Value, json};

use super::table::paragraph;
use super::words::{count, one_line, value};
use crate::output::Style;

/// `{ "differences": [ … ] }`, the gravest first.
pub(crate) fn json(differences: &[Difference]) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&json!({ "differences": differences }))? + "\n")
}

/// By severity, the gravest first, and a line that counts them.
pub(crate) fn text(differences: &[Difference], style: Style) -> String {
    if differences.is_empty() {
        return "nothing differs\n".to_owned();
    }
    let mut text = String::new();
    for severity in Severity::ALL {
        let of: Vec<&Difference> = differences
            .iter()
            .filter(|difference| difference.severity == severity)
            .collect();
        if of.is_empty() {
            continue;
        }
        let mut title = severity.words().to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text += &format!("{}\n", style.bold(&title));
        for difference in of {
            text += &one(difference, style);
        }
        text.push('\n');
    }
    text + &summary(differences, style)
}

fn one(difference: &Difference, style: Style) -> String {
    let mut head = one_line(&difference.subject.to_string());
    if !difference.field.is_empty() {
        head += &format!(": {}", one_line(&difference.field));
    }
    let arrow = style.either("→", "->");
    if difference.old.is_some() || difference.new.is_some() {
        let shown = |side: &Option<Value>| value(side.as_ref().unwrap_or(&Value::Null), style);
        head += &format!(
            " {} {arrow} {}",
            shown(&difference.old),
            shown(&difference.new)
        );
    }
    if difference.copies > 0 {
        let copies = match difference.copies {
            1 => "1 more copy".to_owned(),
            many => format!("{many} more copies"),
        };
        head += &format!(" (and {copies})");
    }
    let mut text = paragraph(&head, 2, style);
    let rule = difference
        .rule
        .as_ref()
        .map_or_else(String::new, |rule| format!(", {rule}"));
    text += &paragraph(
        &format!(
            "{} ({}{rule})",
            one_line(&difference.happens),
            difference.kind.name()
        ),
        6,
        style,
    );
    if !difference.remedy.is_empty() {
        text += &paragraph(&format!("do: {}", one_line(&difference.remedy)), 6, style);
    }
    text
}

fn summary(differences: &[Difference], style: Style) -> String {
    let parts: Vec<String> = Severity::ALL
        .iter()
        .filter_map(|severity| {
            let number = differences
                .iter()
                .filter(|difference| difference.severity == *severity)
                .count();
            (number > 0).then(|| format!("{number} {}", severity.words()))
        })
        .collect();
    let people = differences
        .iter()
        .filter(|difference| difference.severity.needs_a_person())
        .count();
    let all = count(differences.len(), "difference");
    let line = style.bold(&format!("{all}: {}", parts.join(", ")));
    let asks = match people {
        0 => "none of them needs anybody".to_owned(),
        1 => "the first of them needs you before the switch".to_owned(),
        many => format!("the first {many} of them need you before the switch"),
    };
    format!("{line}\n{asks}; `podman-btrfs explain CODE` tells more\n")
}
