//! What is there on a host, for people.

use podman_btrfs_core::observed::Known;
use podman_btrfs_core::space::Growth;
use podman_btrfs_core::units::FilesystemName;
use podman_btrfs_emit::simulation::size;
use podman_btrfs_host::status::{
    FilesystemStatus, LastApply, RestoreStatus, Series, Sizes, Status, VolumeStatus, WorkloadStatus,
};

use super::left;
use super::table::{Table, paragraph};
use super::words::{count, one_line};
use crate::output::Style;

const UNKNOWN: &str = "unknown";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Filesystems, workloads with their volumes, what is not planned, and the last `apply`.
pub(crate) fn report(status: &Status, style: Style) -> String {
    let mut text = String::new();
    for (name, of) in &status.filesystems {
        text += &filesystem(name, of, style);
    }
    text += &workloads(status, style);
    for (name, of) in &status.filesystems {
        text += &unplanned(name, of, style);
        text += &leaked(name, of, style);
        text += &others(name, of, style);
    }
    text + &was_left(status, style)
        + &begun(status, style)
        + &restores(status, style)
        + &last(status)
}

fn filesystem(name: &FilesystemName, of: &FilesystemStatus, style: Style) -> String {
    let mut text = format!("{} at {}\n", style.bold(name.as_str()), of.mount_point);
    let mut say = |said: &str| text += &paragraph(said, 2, style);
    match &of.space {
        Known::Unknown { .. } => say("how its space is given out is unknown"),
        Known::Known(space) => say(&format!(
            "{} of data, {} more fit, {} of which are kept in reserve; {} of metadata, {} more fit",
            size(space.data_bytes),
            size(space.available_bytes),
            size(space.reserve_bytes),
            size(space.metadata_bytes),
            size(space.metadata_left_bytes),
        )),
    }
    say(&growth(of));
    if let Some(simulated) = &of.simulated {
        let ends = match simulated.full_on_day {
            Some(day) => format!("full beside its reserve on day {day}"),
            None => format!("not full within {} days", simulated.days),
        };
        let without = match simulated.not_said {
            0 => String::new(),
            left_out => format!(
                ", without what is not declared ({})",
                count(left_out, "option")
            ),
        };
        say(&format!(
            "simulated from {} on, from the declared sizes{without}: {ends}",
            one_line(&simulated.begin)
        ));
    }
    text + "\n"
}

fn growth(of: &FilesystemStatus) -> String {
    let Some(growth) = of.growth else {
        return "how it grows is not known: nothing was recorded for a day (`status --record`)"
            .into();
    };
    let rests = format!(
        "{} a day, the median between {} in {}",
        rate(growth),
        count(growth.points, "record"),
        days((growth.to - growth.from) / DAY)
    );
    match of.until_full {
        Some(full) => format!(
            "it grows by {rests}: if that goes on, the reserve is begun on in {}, and it is full in {}",
            days(full.days_to_reserve),
            days(full.days)
        ),
        None if growth.bytes_per_day > 0 => format!("it grows by {rests}"),
        None => format!("it does not grow: {rests}"),
    }
}

fn workloads(status: &Status, style: Style) -> String {
    let mut table = Table::new(&[
        "workload",
        "files",
        "on disk",
        "alone",
        "a day",
        "limit",
        "snapshots",
        "they hold",
        "newest",
    ]);
    let is_one = status.filesystems.len() == 1;
    for (name, of) in &status.workloads {
        table.row(workload(name, of, status.at));
        for (key, volume) in &of.volumes {
            table.row(row(key, volume, is_one));
        }
    }
    if table.is_empty() {
        return String::new();
    }
    let said = "files: before compression; alone: what nobody else refers to, of a workload with its snapshots, and so what ending it gives \
                back; they hold: what deleting all of its snapshots gives back";
    table.render(0, style) + &style.dim(&paragraph(said, 0, style)) + "\n"
}

fn workload(name: &str, of: &WorkloadStatus, now: u64) -> [String; 9] {
    let sizes = of.sizes.get();
    let bytes = |of: Option<u64>| of.map_or_else(|| UNKNOWN.to_owned(), size);
    let (snapshots, newest) = series(&of.series, now);
    let held = if of.series.is_empty() && sizes.is_some_and(|of| of.snapshot_bytes == 0) {
        String::new()
    } else {
        bytes(sizes.map(|of| of.snapshot_bytes))
    };
    [
        one_line(name),
        bytes(sizes.map(|of| of.referenced_bytes)),
        bytes(sizes.map(|of| of.stored_bytes)),
        bytes(sizes.map(|of| of.exclusive_bytes)),
        String::new(),
        String::new(),
        snapshots,
        held,
        newest,
    ]
}

/// How many snapshots there are, and how old the newest is: of several series that with most, and the oldest of the newest.
fn series(all: &[Series], now: u64) -> (String, String) {
    if all.is_empty() {
        return ("none planned".into(), String::new());
    }
    let counts: Option<Vec<usize>> = all.iter().map(|of| of.count.get().copied()).collect();
    let newest: Option<Vec<Option<u64>>> = all.iter().map(|of| of.newest.get().copied()).collect();
    let counts = counts.and_then(|counts| counts.into_iter().max());
    let newest = newest.and_then(|newest| newest.into_iter().min());
    let age = match newest {
        None => UNKNOWN.to_owned(),
        Some(None) => "there is none".to_owned(),
        Some(Some(when)) => ago(now, when),
    };
    (
        counts.map_or_else(|| UNKNOWN.to_owned(), |most| most.to_string()),
        age,
    )
}

fn row(key: &str, of: &VolumeStatus, is_one: bool) -> [String; 9] {
    let name = key.split_once('/').map_or(key, |(_, name)| name);
    let name = if is_one {
        format!("  {}", one_line(name))
    } else {
        format!("  {} ({})", one_line(name), of.filesystem)
    };
    let bytes = |with: fn(&Sizes) -> u64| match &of.sizes {
        Known::Unknown { .. } => UNKNOWN.to_owned(),
        Known::Known(None) => "not there".to_owned(),
        Known::Known(Some(sizes)) => size(with(sizes)),
    };
    [
        name,
        bytes(|of| of.referenced_bytes),
        bytes(|of| of.stored_bytes),
        bytes(|of| of.exclusive_bytes),
        of.growth.map(rate).unwrap_or_default(),
        of.limit_bytes.map(size).unwrap_or_default(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

fn unplanned(name: &FilesystemName, of: &FilesystemStatus, style: Style) -> String {
    if of.unplanned.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", style.bold(&format!("Not planned, on {name}")));
    for of in &of.unplanned {
        let mut places = of.places.iter().map(|place| {
            let path = one_line(&place.path);
            match &place.volume {
                Some(volume) => format!("{path} (in the ledger as {})", one_line(volume)),
                None => path,
            }
        });
        let first: Vec<String> = places.by_ref().take(5).collect();
        let more = match places.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let takes = taken(&of.sizes);
        let said = format!(
            "{}: {}{more}; {takes}",
            one_line(&of.name),
            first.join(", ")
        );
        text += &paragraph(&said, 2, style);
        text += &style.dim(&paragraph(&one_line(&of.help), 6, style));
    }
    text + "\n"
}

fn taken(sizes: &Known<podman_btrfs_host::status::Taken>) -> String {
    match sizes {
        Known::Unknown { .. } => "what it takes is unknown".into(),
        Known::Known(sizes) => format!(
            "{} on the disk, {} of which nobody else refers to",
            size(sizes.stored_bytes),
            size(sizes.exclusive_bytes)
        ),
    }
}

fn leaked(name: &FilesystemName, of: &FilesystemStatus, style: Style) -> String {
    let mut text = String::new();
    for of in &of.leaked_layers {
        // What is unknown is told at the end.
        let Some(layers) = of.layers.get() else {
            continue;
        };
        let title = format!(
            "Layers on {name} that the store of {} does not know",
            one_line(&of.store)
        );
        let layers = count(layers.len(), "layer");
        text += &format!("{}\n", style.bold(&title));
        text += &paragraph(&format!("{layers}; {}", taken(&of.sizes)), 2, style);
        text += &style.dim(&paragraph(&one_line(&of.help), 6, style));
        text.push('\n');
    }
    text
}

fn others(name: &FilesystemName, of: &FilesystemStatus, style: Style) -> String {
    let mut table = Table::new(&["what else is on it", "on disk", "alone"]);
    for of in &of.others {
        let (stored, alone) = (size(of.sizes.stored_bytes), size(of.sizes.exclusive_bytes));
        table.row([of.what.clone(), stored, alone]);
    }
    if table.is_empty() {
        return String::new();
    }
    let title = style.bold(&format!("Beside the workloads, on {name}"));
    format!("{title}\n{}\n", table.render(2, style))
}

fn was_left(status: &Status, style: Style) -> String {
    let Some(left) = status.left.get().filter(|left| !left.is_empty()) else {
        return String::new();
    };
    let mut text = format!("{}\n", style.bold("Left behind, as the ledger has it"));
    for of in left {
        text += &paragraph(&left::entry(of, status.at), 2, style);
    }
    text + "\n"
}

fn begun(status: &Status, style: Style) -> String {
    let begun = status.work.get().into_iter().flatten();
    let told = begun.map(|work| {
        let (what, command) = (one_line(&work.shown()), one_line(&work.ended_by()));
        let said =
            format!("{what} has not ended: where nobody is at work on it, `{command}` ends it");
        paragraph(&said, 0, style)
    });
    told.collect()
}

/// Those that were drilled, each with its sources; of those that never were only how many there are.
fn restores(status: &Status, style: Style) -> String {
    let Some(all) = status.restores.get().filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let mut text = format!("{}\n", style.bold("Restores, as drills have shown them"));
    let mut never = 0;
    for (name, sources) in all {
        if sources.values().all(|of| of.tried.is_none()) {
            never += 1;
            continue;
        }
        let said: Vec<String> = sources
            .iter()
            .map(|(source, of)| format!("from {} {}", one_line(source), restore(of, status.at)))
            .collect();
        text += &paragraph(
            &format!("{}: {}", one_line(name), said.join("; ")),
            2,
            style,
        );
    }
    if never > 0 {
        let said = format!(
            "never drilled: {} (`podman-btrfs drill`)",
            count(never, "copy")
        );
        text += &paragraph(&said, 2, style);
    }
    text + "\n"
}

fn restore(of: &RestoreStatus, now: u64) -> String {
    let Some(tried) = of.tried else {
        return "never drilled".into();
    };
    let proven = match (of.proven, of.taken) {
        (Some(proven), Some(taken)) => {
            let (age, old) = (ago(now, proven), ago(proven, taken));
            format!("proven {age} ago, by a snapshot that was {old} old")
        }
        _ => "never proven".into(),
    };
    if of.found.is_empty() {
        return proven;
    }
    let found: Vec<&str> = of.found.iter().map(|kind| kind.name()).collect();
    let age = ago(now, tried);
    format!(
        "{proven}, and the last drill, {age} ago, found: {}",
        found.join(", ")
    )
}

fn last(status: &Status) -> String {
    match &status.last_apply {
        Known::Unknown { .. } => "what the last `apply` did is unknown\n".into(),
        Known::Known(None) => "`apply` has not run yet, as far as its records tell\n".into(),
        Known::Known(Some(last)) => {
            let LastApply {
                started,
                finished,
                already,
                done,
                refused,
                failed,
            } = last;
            let ended = match finished {
                Some(_) => "",
                None => ", and did not end",
            };
            let when = ago(status.at, *started);
            format!(
                "the last `apply` began {when} ago{ended}: {already} already so, {done} done, {refused} refused, {failed} failed\n"
            )
        }
    }
}

/// Bytes a day with their sign.
fn rate(growth: Growth) -> String {
    let sign = if growth.bytes_per_day < 0 { "-" } else { "" };
    format!("{sign}{}", size(growth.bytes_per_day.unsigned_abs()))
}

fn days(number: u64) -> String {
    // Nobody plans for what is longer than a lifetime.
    if number > 36_500 {
        return "more than 100 years".into();
    }
    count(usize::try_from(number).unwrap_or(usize::MAX), "day")
}

fn ago(now: u64, then: u64) -> String {
    let age = now.saturating_sub(then);
    match age {
        0..HOUR => format!("{} min", age / MINUTE),
        HOUR..DAY => format!("{} h", age / HOUR),
        _ => days(age / DAY),
    }
}
