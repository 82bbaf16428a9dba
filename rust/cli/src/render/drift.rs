//! What `doctor` found.

use podman_btrfs_core::drift::{Drift, Remedy};
use podman_btrfs_core::finding::Level;
use podman_btrfs_host::receipt::Receipt;
use podman_btrfs_host::system::Fault;

use super::receipt;
use super::words::{count, one_line};
use crate::output::Style;

/// What differs, by who or what mends it; the last `apply`; and the counts.
pub(crate) fn report(
    found: &[Drift],
    applied: &Result<Option<Receipt>, Fault>,
    style: Style,
) -> String {
    let mut text = String::new();
    for remedy in Remedy::ALL {
        let mut of_it: Vec<&Drift> = found.iter().filter(|one| one.remedy == remedy).collect();
        if of_it.is_empty() {
            continue;
        }
        of_it.sort_by_key(|one| std::cmp::Reverse(one.level));
        text += &format!("{}\n", style.bold(heading(remedy)));
        for one in of_it {
            text += &difference(one, style);
        }
        text.push('\n');
    }
    text + &last(applied) + &summary(found)
}

fn heading(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Apply => "`podman-btrfs apply` mends this:",
        Remedy::Migrate => "data must be moved while nothing uses it:",
        Remedy::Person => "only a person may decide this:",
        Remedy::None => "nothing is to be done about this:",
    }
}

fn difference(one: &Drift, style: Style) -> String {
    format!(
        "  {} {}  {}: {}\n      {}\n",
        style.bold(&format!("{:<5}", level(one.level))),
        one.code,
        one_line(&one.subject),
        one_line(&one.message),
        style.dim(&one_line(&one.help))
    )
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Note => "note",
        Level::Allow => "allow",
    }
}

fn last(applied: &Result<Option<Receipt>, Fault>) -> String {
    match applied {
        Ok(Some(applied)) => format!("the last `apply`: {}", receipt::summary(applied)),
        Ok(None) => "`apply` has not run yet, as far as its records tell\n".into(),
        Err(fault) => {
            let why = one_line(&fault.to_string());
            format!("what the last `apply` did could not be found out: {why}\n")
        }
    }
}

fn summary(found: &[Drift]) -> String {
    if found.is_empty() {
        return "all as planned\n".into();
    }
    let of = |wanted| found.iter().filter(|one| one.level == wanted).count();
    let parts = [
        (of(Level::Error), "error"),
        (of(Level::Warn), "warning"),
        (of(Level::Note), "note"),
    ];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    format!(
        "{}: {}\n",
        count(found.len(), "difference"),
        told.join(", ")
    )
}
