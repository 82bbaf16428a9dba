//! Errors that Btrfs counted, by device.

use super::Collector;
use crate::observe::device_stats;
use crate::system::{Fault, System};

pub(super) fn collect(
    name: &str,
    place: &str,
    system: &dyn System,
    collector: &mut Collector,
) -> Result<(), Fault> {
    for (device, errors) in device_stats::look(system, place)? {
        let kinds = [
            ("write_io", errors.write),
            ("read_io", errors.read),
            ("flush_io", errors.flush),
            ("corruption", errors.corruption),
            ("generation", errors.generation),
        ];
        for (kind, count) in kinds {
            let labels = [("filesystem", name), ("device", &device), ("kind", kind)];
            collector.set("podman_btrfs_device_errors_total", &labels, count);
        }
    }
    Ok(())
}
