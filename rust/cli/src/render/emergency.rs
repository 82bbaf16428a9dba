//! What is full, what can be done about it, and what came of a step.

use podman_btrfs_core::emergency::{Act, Fullness, Needs, Proposal, Room, Step};
use podman_btrfs_core::observed::Known;
use podman_btrfs_host::emergency::Taken;

use super::leaked::mebibytes;
use super::receipt;
use super::words::one_line;
use crate::output::Style;

/// So many commands of a step are shown.
const SHOWN: usize = 3;

/// The state and the steps; `again` is the command that was typed, without its step.
pub(crate) fn proposal(proposal: &Proposal, again: &str, style: Style) -> String {
    let mut text = format!(
        "{}: {}\n{}",
        style.bold(proposal.filesystem.as_str()),
        state(proposal),
        numbers(&proposal.room)
    );
    for unknown in &proposal.unknown {
        text += &format!("  not known, and so in no step: {}\n", one_line(unknown));
    }
    for (number, one) in proposal.steps.iter().enumerate() {
        text += &format!("\n{}", step(number + 1, one, again, style));
    }
    if proposal.steps.is_empty() {
        return text;
    }
    text + "\nNothing was done. `--take NAME` takes one step; look again after each, since each changes what there is to do.\n"
}

fn state(proposal: &Proposal) -> String {
    let mut parts = vec![match &proposal.fullness {
        Known::Known(Fullness::NotFull) => "nothing is full".to_owned(),
        Known::Known(Fullness::Data) => "it is full of data".to_owned(),
        Known::Known(Fullness::Metadata) => "its metadata is full".to_owned(),
        Known::Known(Fullness::DataAndMetadata) => "data and metadata are full".to_owned(),
        Known::Known(Fullness::RefusesWrites) => {
            "it refuses writes for want of space, though its numbers show room".to_owned()
        }
        Known::Unknown { why } => format!("whether it is full is not known: {}", one_line(why)),
    }];
    if proposal.read_only {
        parts.push("the filesystem is read-only".into());
    }
    parts.push(writes(&proposal.takes_writes));
    parts.join("; ")
}

fn writes(takes_writes: &Known<bool>) -> String {
    match takes_writes {
        Known::Known(true) => "a file can be written".into(),
        Known::Known(false) => "no file can be written".into(),
        Known::Unknown { why } => {
            format!(
                "whether a file can be written is not known: {}",
                one_line(why)
            )
        }
    }
}

fn numbers(room: &Known<Room>) -> String {
    room.get().map_or_else(String::new, |room| {
        format!(
            "  {} unallocated; room for {} of data, for {} of metadata (less than {} is taken for full)\n",
            mebibytes(room.unallocated),
            mebibytes(room.data),
            mebibytes(room.metadata),
            mebibytes(room.little)
        )
    })
}

fn step(number: usize, step: &Step, again: &str, style: Style) -> String {
    let name = style.bold(&one_line(&step.name));
    let mut text = format!("{number:>2}. {name}: {}\n", one_line(&step.does));
    let mut line = |key: &str, value: &str| text += &format!("    {key:<7}{value}\n");
    // What is measured is data; a snapshot may hold nothing but metadata.
    let measured = step.at_least_bytes.filter(|bytes| *bytes > 0);
    let measured = measured.map_or_else(String::new, |bytes| {
        format!("at least {} of data: ", mebibytes(bytes))
    });
    line("frees", &format!("{measured}{}", one_line(&step.frees)));
    line("costs", &one_line(&step.costs));
    line(
        "needs",
        match step.needs {
            Needs::Nothing => "no room",
            Needs::ALittle => "a little room; without it, it fails and nothing is lost",
            Needs::Device => "an empty device of its own",
        },
    );
    let runs = if step.act == Act::Person {
        line("by", "a person");
        "type"
    } else {
        line("take", &format!("{again} --take {}", quoted(&step.name)));
        "runs"
    };
    for command in step.commands.iter().take(SHOWN) {
        let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
        line(runs, &words.join(" "));
    }
    if step.commands.len() > SHOWN {
        line(
            "",
            &format!("and {} more of them", step.commands.len() - SHOWN),
        );
    }
    if step.commands.is_empty() {
        for path in &step.paths {
            line("path", &one_line(path));
        }
    }
    text
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", one_line(word).replace('\'', "'\\''"))
}

/// What came of a step.
pub(crate) fn taken(taken: &Taken, style: Style) -> String {
    let steps = taken.receipt.steps.iter();
    let mut text: String = steps.map(|step| receipt::step(step, style)).collect();
    text += &receipt::summary(&taken.receipt);
    text += &format!(
        "before:\n{}after:\n{}",
        numbers(&taken.before),
        numbers(&taken.after)
    );
    text + &format!("  {}\n", writes(&taken.takes_writes))
}
