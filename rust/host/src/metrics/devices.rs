//! `btrfs device stats`: errors that Btrfs counted, by device.

use super::Collector;
use crate::system::{Fault, System};

pub(super) fn collect(
    name: &str,
    place: &str,
    system: &dyn System,
    collector: &mut Collector,
) -> Result<(), Fault> {
    let printed = system.run("btrfs", &["device", "stats", "--", place])?;
    let errors = parse(&printed.stdout).ok_or_else(|| {
        Fault::Unexpected("`btrfs device stats` printed something that is not understood".into())
    })?;
    for (device, kind, count) in errors {
        let labels = [("filesystem", name), ("device", device), ("kind", kind)];
        collector.set("podman_btrfs_device_errors_total", &labels, count);
    }
    Ok(())
}

/// `[/dev/sda].write_io_errs    0` as device, kind and count. The text, because its JSON form is of 6.2 and later;
/// `None` where a line is not understood.
fn parse(printed: &str) -> Option<Vec<(&str, &str, u64)>> {
    let lines = printed.lines().map(|line| {
        let (device, rest) = line.strip_prefix('[')?.rsplit_once("].")?;
        let (kind, count) = rest.split_once(char::is_whitespace)?;
        let kind = kind.strip_suffix("_errs")?;
        Some((device, kind, count.trim().parse().ok()?))
    });
    let errors = lines.collect::<Option<Vec<_>>>()?;
    (!errors.is_empty()).then_some(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_count() {
        let printed = "[/dev/mapper/a].b].write_io_errs    0\n[devid:2].corruption_errs  18446744073709551615\n";
        let wanted = [
            ("/dev/mapper/a].b", "write_io", 0),
            ("devid:2", "corruption", u64::MAX),
        ];
        assert_eq!(parse(printed).unwrap(), wanted);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        for printed in [
            "",
            "[/dev/sda].write_io_errs  -1\n",
            "[/dev/sda].strange 1\n",
            "ERROR\n",
        ] {
            assert_eq!(parse(printed), None, "{printed}");
        }
    }
}
