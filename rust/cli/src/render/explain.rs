//! Why each choice about a subject was made.

use podman_btrfs_core::explain::{Explanation, Fact, Link, Origin, Page};
use podman_btrfs_core::option_path::Step;
use podman_btrfs_core::plan::{Decision, Subject};
use podman_btrfs_core::rules::Rule;
use podman_btrfs_core::what_if::Flip;
use serde_json::{Value, json};

use super::table::{Table, paragraph};
use super::words::{first_of, one_line, value};
use crate::output::Style;

/// How many subjects a message lists.
const SHOWN: usize = 20;

/// How many changes of options are listed for one decision.
const FLIPS: usize = 8;
/// How many values of an option a line lists.
const VALUES: usize = 6;

/// The chains of several subjects.
pub(crate) fn chains(chains: &[Explanation], style: Style) -> String {
    let chains: Vec<String> = chains.iter().map(|it| chain(it, style)).collect();
    chains.join("\n")
}

/// `{ "explanations": [ … ] }`
pub(crate) fn json(chains: &[Explanation]) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&json!({ "explanations": chains }))? + "\n")
}

/// A rule with its page, and what it decided.
pub(crate) fn rule_json(rule: &Rule, decided: &[&Decision]) -> Result<String, serde_json::Error> {
    let value = json!({
        "code": rule.code, "name": rule.name, "stage": rule.stage, "level": rule.level,
        "summary": rule.summary, "url": Page::of(rule).url, "page": rule.page, "decisions": decided,
    });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

fn chain(chain: &Explanation, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&one_line(&chain.subject.to_string())));
    if !chain.facts.is_empty() {
        text += &section("Known", style);
        let mut table = Table::new(&["Fact", "Value", "Because"]);
        for fact in &chain.facts {
            table.row(
                [fact.name.clone(), value(&fact.value, style), because(fact)]
                    .map(|it| one_line(&it)),
            );
        }
        text += &table.render(4, style);
    }
    if !chain.decisions.is_empty() {
        text += &section("Decided", style);
        for link in &chain.decisions {
            text += &one(&link.decision, style);
            text += &rests_on(link, chain, style);
            text += &flips(link, style);
        }
    }
    if !chain.findings.is_empty() {
        text += &section("Told", style);
        for found in &chain.findings {
            let line = format!(
                "{}: {} ({})",
                found.code,
                one_line(&found.message),
                one_line(&found.help)
            );
            text += &paragraph(&line, 4, style);
        }
    }
    if !chain.on_host.is_empty() {
        text += &section("On the host", style);
        for statement in &chain.on_host {
            let line = format!("{}: {}", statement.what, one_line(&statement.is));
            text += &paragraph(&line, 4, style);
        }
    }
    text += &section("Pages", style);
    for page in &chain.pages {
        text += &paragraph(
            &format!(
                "{} {}",
                style.coloured(&page.code),
                page.name.replace('-', " ")
            ),
            4,
            style,
        );
        text += &format!("      {}\n", page.url);
    }
    text
}

fn section(title: &str, style: Style) -> String {
    format!("  {}\n", style.bold(title))
}

/// Where a fact comes from.
fn because(fact: &Fact) -> String {
    let origin = match fact.origin {
        Origin::Declared => "declared",
        Origin::Inferred => "inferred",
        Origin::Assumed => "assumed",
    };
    let certainty = fact
        .certainty
        .as_ref()
        .map_or_else(String::new, |it| format!(", {it}"));
    let because = fact
        .because
        .as_ref()
        .map_or_else(String::new, |it| format!(": {it}"));
    format!("{origin}{certainty}{because}")
}

fn rests_on(link: &Link, chain: &Explanation, style: Style) -> String {
    if link.rests_on.is_empty() {
        return String::new();
    }
    let rests: Vec<String> = link
        .rests_on
        .iter()
        .map(|rest| {
            let of = if rest.subject == chain.subject {
                String::new()
            } else {
                format!(" of {}", rest.subject)
            };
            format!(
                "{}{of} = {} ({})",
                rest.field,
                value(&rest.value, style),
                rest.rule
            )
        })
        .collect();
    paragraph(
        &format!("rests on: {}", one_line(&rests.join(", "))),
        8,
        style,
    )
}

/// The changes of one option that change a decision.
fn flips(link: &Link, style: Style) -> String {
    let mut text = String::new();
    // The option of the decision itself, which says what it becomes.
    let (own, others): (Vec<&Flip>, Vec<&Flip>) = link.flips.iter().partition(|flip| {
        let last = flip.at.0.last();
        last == Some(&Step::Key(link.decision.field.to_string()))
            && flip.values.contains(&flip.becomes)
            && flip.values.len() == 1
    });
    if let Some(flip) = own.first() {
        let own = format!("becomes what `{}` says", flip.at);
        text += &paragraph(&one_line(&own), 8, style);
    }
    for flip in others.iter().take(FLIPS) {
        let mut values: Vec<String> = flip.values.iter().map(nix).collect();
        let more = values.len().saturating_sub(VALUES);
        values.truncate(VALUES);
        let more = if more > 0 {
            format!(" (and {more} more values)")
        } else {
            String::new()
        };
        let becomes = format!(
            "becomes {} with `{} = {}`{more}",
            value(&flip.becomes, style),
            flip.at,
            values.join("` or `")
        );
        text += &paragraph(&one_line(&becomes), 8, style);
    }
    if others.len() > FLIPS {
        let more = others.len() - FLIPS;
        text += &paragraph(
            &format!("and with {more} more; `--format json` has them all"),
            8,
            style,
        );
    }
    text
}

/// A value as it is declared in Nix.
fn nix(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "[ ]".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(nix).collect();
            format!("[ {} ]", items.join(" "))
        }
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{name} = {};", nix(value)))
                .collect();
            format!("{{ {} }}", fields.join(" "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// The chain of decisions: subject by subject, field by field.
pub(crate) fn decisions(decisions: &[&Decision], style: Style) -> String {
    let mut text = String::new();
    let mut subject: Option<&Subject> = None;
    for decision in decisions {
        if subject != Some(&decision.subject) {
            if subject.is_some() {
                text.push('\n');
            }
            text += &format!("{}\n", style.bold(&decision.subject.to_string()));
            subject = Some(&decision.subject);
        }
        text += &one(decision, style);
    }
    text
}

fn one(decision: &Decision, style: Style) -> String {
    let head = format!("{} = {}", decision.field, value(&decision.value, style));
    let mut text = paragraph(&head, 4, style);
    match &decision.overridden {
        None => text += &paragraph(&format!("{}, {}", decision.reason, decision.rule), 8, style),
        Some(overridden) => {
            text += &paragraph(&format!("said by `{}`", overridden.at), 8, style);
            let decided = if overridden.decided.is_null() {
                "has no choice of its own".to_owned()
            } else {
                format!("would choose {}", value(&overridden.decided, style))
            };
            text += &paragraph(
                &format!("{} {decided}: {}", decision.rule, decision.reason),
                8,
                style,
            );
        }
    }
    if !decision.evidence.is_empty() {
        let facts: Vec<String> = decision
            .evidence
            .iter()
            .map(|(name, fact)| format!("{} {}", one_line(name), one_line(fact)))
            .collect();
        text += &paragraph(&format!("evidence: {}", facts.join(", ")), 8, style);
    }
    text + &paragraph(
        &format!("would change with: {}", decision.would_change),
        8,
        style,
    )
}

/// A name that no decision is about.
pub(crate) fn unknown(wanted: &str, known: &[String], file: &str) -> String {
    format!(
        "nothing was decided about `{}` in {file}\n  help: there are {}\n",
        one_line(wanted),
        first_of(known, SHOWN)
    )
}

/// A name that is no rule's, and no declaration to look for it in.
pub(crate) fn needs_file(wanted: &str) -> String {
    let wanted = one_line(wanted);
    format!(
        "`{wanted}` is no rule's code or name\n  help: of a subject of a declaration say the file too: `podman-btrfs explain {wanted} FILE`\n"
    )
}
