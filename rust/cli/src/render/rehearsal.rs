//! What a rehearsal shows, while it goes on and at its end.

use podman_btrfs_host::rehearse::{Outcome, Progress, Report, Step};

use super::table::Table;
use super::words::{count, one_line};
use crate::output::Style;

/// To the beginning of the line, and nothing in it any more.
const CLEAR_LINE: &str = "\r\u{1b}[2K";

/// A step that begins, where the line can be drawn again, and one that ended.
pub(crate) fn progress(progress: &Progress, redraws: bool, style: Style) -> String {
    let clear = if redraws { CLEAR_LINE } else { "" };
    match progress {
        Progress::Began { subject, name } if redraws => {
            format!("{clear}{} {}", style.ellipsis(), title(subject, name))
        }
        Progress::Began { .. } => String::new(),
        Progress::Ended(step) => {
            let because = match &step.outcome {
                Outcome::Passed(_) => String::new(),
                Outcome::Skipped(because) | Outcome::Failed(because) => {
                    format!(": {}", one_line(because))
                }
            };
            let title = title(&step.subject, &step.name);
            format!(
                "{clear}{} {title} ({}){because}\n",
                mark(&step.outcome, style),
                seconds(step.milliseconds)
            )
        }
    }
}

/// All steps, and how many ended how.
pub(crate) fn report(report: &Report, style: Style) -> String {
    let mut table = Table::new(&["", "subject", "step", "seconds", "seen"]);
    for step in &report.steps {
        table.row(row(step, style));
    }
    let mut text = format!("\n{}\n{}", table.render(0, style), summary(report));
    for path in &report.kept {
        text += &format!(
            "kept: {} (`losetup --find --show` makes it a device again)\n",
            one_line(&path.display().to_string())
        );
    }
    text
}

fn row(step: &Step, style: Style) -> [String; 5] {
    let detail = one_line(step.outcome.detail());
    let seen = match &step.outcome {
        Outcome::Passed(_) => detail,
        Outcome::Skipped(_) => format!("skipped: {detail}"),
        Outcome::Failed(_) => format!("failed: {detail}"),
    };
    [
        mark(&step.outcome, style).to_owned(),
        one_line(&step.subject),
        one_line(&step.name),
        seconds(step.milliseconds),
        seen,
    ]
}

fn summary(report: &Report) -> String {
    let number =
        |of: fn(&Outcome) -> bool| report.steps.iter().filter(|step| of(&step.outcome)).count();
    let passed = number(|outcome| matches!(outcome, Outcome::Passed(_)));
    let skipped = number(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let mut text = format!("{} passed", count(passed, "step"));
    if skipped > 0 {
        text += &format!(", {skipped} skipped with a reason");
    }
    if report.failed() > 0 {
        text += &format!(", {} failed", report.failed());
    }
    format!("{text}, in {} s\n", seconds(report.milliseconds))
}

fn mark(outcome: &Outcome, style: Style) -> &'static str {
    match outcome {
        Outcome::Passed(_) => style.either("✓", "ok"),
        Outcome::Skipped(_) => "-",
        Outcome::Failed(_) => style.either("✗", "no"),
    }
}

fn title(subject: &str, name: &str) -> String {
    if subject.is_empty() {
        one_line(name)
    } else {
        format!("{}: {}", one_line(subject), one_line(name))
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02}", milliseconds / 1000, milliseconds % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const STYLE: Style = Style {
        colour: false,
        unicode: true,
        width: 60,
    };

    fn step(subject: &str, name: &str, outcome: Outcome) -> Step {
        Step {
            subject: subject.into(),
            name: name.into(),
            outcome,
            milliseconds: 1234,
        }
    }

    fn rehearsed() -> Report {
        Report {
            steps: vec![
                step("", "mounts", Outcome::Passed("6: / /nix".into())),
                step(
                    "shop",
                    "restore",
                    Outcome::Skipped("pages is not restorable".into()),
                ),
                step(
                    "shop",
                    "compare",
                    Outcome::Failed("other bytes\u{1b}[2J: pgdata".into()),
                ),
            ],
            milliseconds: 61_050,
            kept: vec!["/var/tmp/a.img".into()],
        }
    }

    #[test]
    fn the_table_holds_every_step_and_the_reasons() {
        expect![[r"

               subject  step     seconds  seen
            ✓           mounts   1.23     6: / /nix
            -  shop     restore  1.23     skipped: pages is not
                                          restorable
            ✗  shop     compare  1.23     failed: other bytes\u{1b}[2J:
                                          pgdata

            1 step passed, 1 skipped with a reason, 1 failed, in 61.05 s
            kept: /var/tmp/a.img (`losetup --find --show` makes it a device again)
        "]]
        .assert_eq(&report(&rehearsed(), STYLE));
    }

    #[test]
    fn only_a_terminal_is_drawn_on_twice() {
        let began = Progress::Began {
            subject: "shop".into(),
            name: "lose".into(),
        };
        assert_eq!(progress(&began, false, STYLE), "");
        assert_eq!(progress(&began, true, STYLE), "\r\u{1b}[2K… shop: lose");
        let ended = Progress::Ended(step("shop", "lose", Outcome::Failed("no".into())));
        assert_eq!(progress(&ended, false, STYLE), "✗ shop: lose (1.23): no\n");
    }
}
