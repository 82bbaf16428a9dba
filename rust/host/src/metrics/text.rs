//! The text format (`prometheus.io/docs/instrumenting/exposition_formats`), and every series that there is.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until somebody sets it back.
    Counter,
    /// Any value.
    Gauge,
}

/// All series of one name.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name; never changed once it is released.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
}

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family {
        name,
        kind: Kind::Gauge,
        help,
    }
}

/// Every name, in the order of the text.
pub const FAMILIES: [Family; 25] = [
    gauge(
        "podman_btrfs_collected_timestamp_seconds",
        "When these values were collected.",
    ),
    gauge(
        "podman_btrfs_unknown",
        "1 for each thing that could not be found out; its values are absent.",
    ),
    gauge(
        "podman_btrfs_boot_timestamp_seconds",
        "When the host was booted.",
    ),
    gauge(
        "podman_btrfs_apply_timestamp_seconds",
        "When the last run of apply began.",
    ),
    gauge(
        "podman_btrfs_apply_first_timestamp_seconds",
        "When the first run of apply began that is on record.",
    ),
    gauge(
        "podman_btrfs_apply_steps",
        "Steps of the last run of apply, by how they ended.",
    ),
    gauge(
        "podman_btrfs_drift",
        "What is otherwise than planned, by level and by who or what mends it, as doctor tells.",
    ),
    gauge(
        "podman_btrfs_size_bytes",
        "Size of all devices of a filesystem.",
    ),
    gauge(
        "podman_btrfs_missing_bytes",
        "Size of devices that a filesystem should have and that are gone.",
    ),
    gauge(
        "podman_btrfs_unallocated_bytes",
        "What belongs to no chunk, on all devices.",
    ),
    gauge(
        "podman_btrfs_allocatable_bytes",
        "Data that new chunks could hold, after copies and uneven devices.",
    ),
    gauge(
        "podman_btrfs_reserve_bytes",
        "How much should stay allocatable: as planned, else by the size.",
    ),
    gauge(
        "podman_btrfs_allocated_bytes",
        "What the chunks of a type could hold.",
    ),
    gauge(
        "podman_btrfs_used_bytes",
        "What the chunks of a type do hold.",
    ),
    Family {
        name: "podman_btrfs_device_errors_total",
        kind: Kind::Counter,
        help: "Errors of a device, as Btrfs counts them until somebody resets them.",
    },
    gauge(
        "podman_btrfs_scrub_interval_seconds",
        "The longest time between two planned scrubs.",
    ),
    gauge(
        "podman_btrfs_scrub_start_timestamp_seconds",
        "When the last scrub began.",
    ),
    gauge(
        "podman_btrfs_scrub_end_timestamp_seconds",
        "When the last scrub ended; absent unless it read every device to its end.",
    ),
    gauge(
        "podman_btrfs_scrub_errors",
        "Errors that the last scrub found, by whether a second copy healed them.",
    ),
    gauge(
        "podman_btrfs_snapshot_interval_seconds",
        "The longest planned time between two snapshots of a series.",
    ),
    gauge(
        "podman_btrfs_snapshots",
        "Snapshots of a series on this host.",
    ),
    gauge(
        "podman_btrfs_snapshot_newest_timestamp_seconds",
        "When the newest snapshot of a series was taken.",
    ),
    gauge(
        "podman_btrfs_last_proven_restore_timestamp_seconds",
        "When a drill last showed that a workload comes back from a source, and found nothing.",
    ),
    gauge(
        "podman_btrfs_unproven_since_timestamp_seconds",
        "Since when a workload has data here of which no drill ever showed that it comes back from a source.",
    ),
    gauge(
        "podman_btrfs_drill_failed",
        "1 for each kind of finding of the last drill of a workload from a source.",
    ),
];

/// Names and values, without the name of their family.
type Series = BTreeMap<String, u64>;

/// Values by family and labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics(BTreeMap<&'static str, Series>);

impl Metrics {
    pub(super) fn set(&mut self, name: &'static str, labels: &[(&'static str, &str)], value: u64) {
        let series = self.0.entry(name).or_default();
        series.insert(written(labels), value);
    }

    /// The text: families in their order, of each its series in the order of their labels.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for family in &FAMILIES {
            let Some(series) = self.0.get(family.name) else {
                continue;
            };
            let name = family.name;
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
            };
            let _ = writeln!(text, "# HELP {name} {}", family.help);
            let _ = writeln!(text, "# TYPE {name} {kind}");
            for (labels, value) in series {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        }
        text
    }

    /// The names that have a value.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// `{device="/dev/sda",kind="read"}`
fn written(labels: &[(&'static str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let labels = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", labels.collect::<Vec<_>>().join(","))
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_label_stays_one_label() {
        let mut metrics = Metrics::default();
        let device = "/dev/a\"} 9\n\\";
        metrics.set("podman_btrfs_device_errors_total", &[("device", device)], 7);
        let text = metrics.text();
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            r#"podman_btrfs_device_errors_total{device="/dev/a\"} 9\n\\"} 7"#
        );
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn every_name_says_what_it_measures_and_in_which_unit() {
        for family in FAMILIES {
            let name = family.name;
            assert!(name.starts_with("podman_btrfs_"), "{name}");
            assert!(family.help.ends_with('.'), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                family.kind == Kind::Counter,
                "{name}"
            );
        }
    }
}
