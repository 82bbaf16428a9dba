//! `btrfs device stats`: errors that Btrfs counted, by device.

use std::collections::BTreeMap;

use podman_btrfs_core::observed::DeviceErrors;

use crate::system::{Fault, System};

/// Looks at the filesystem that is mounted at a place.
///
/// # Errors
/// When the program fails, or what it printed is not understood.
pub fn look(system: &dyn System, place: &str) -> Result<BTreeMap<String, DeviceErrors>, Fault> {
    let printed = system.run("btrfs", &["device", "stats", "--", place])?;
    parse(&printed.stdout).ok_or_else(|| {
        Fault::Unexpected("`btrfs device stats` printed something that is not understood".into())
    })
}

/// `[/dev/sda].write_io_errs    0`, a line for each device and kind. The text, because its JSON form is of 6.2 and
/// later; `None` where a line is not understood.
#[must_use]
pub fn parse(printed: &str) -> Option<BTreeMap<String, DeviceErrors>> {
    let mut devices: BTreeMap<String, DeviceErrors> = BTreeMap::new();
    for line in printed.lines() {
        let (device, rest) = line.strip_prefix('[')?.rsplit_once("].")?;
        let (kind, count) = rest.split_once(char::is_whitespace)?;
        let errors = devices.entry(device.to_owned()).or_default();
        let counter = match kind {
            "write_io_errs" => &mut errors.write,
            "read_io_errs" => &mut errors.read,
            "flush_io_errs" => &mut errors.flush,
            "corruption_errs" => &mut errors.corruption,
            "generation_errs" => &mut errors.generation,
            _ => return None,
        };
        *counter = count.trim().parse().ok()?;
    }
    (!devices.is_empty()).then_some(devices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_count() {
        let printed = "[/dev/mapper/a].b].write_io_errs    0\n[devid:2].corruption_errs  18446744073709551615\n[devid:2].read_io_errs 3\n";
        let found = parse(printed).unwrap();
        assert_eq!(found["/dev/mapper/a].b"], DeviceErrors::default());
        assert_eq!(
            found["devid:2"].told(),
            ["3 read", "18446744073709551615 corruption"]
        );
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        for printed in [
            "",
            "[/dev/sda].write_io_errs  -1\n",
            "[/dev/sda].strange_errs 1\n",
            "ERROR\n",
        ] {
            assert_eq!(parse(printed), None, "{printed}");
        }
    }
}
