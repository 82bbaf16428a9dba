//! Names of snapshots.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The series and the time of a snapshot that btrbk took: `<series>.20261123T170000+0100`, with `_1` behind a second one of that
/// second. `None` for any other name.
#[must_use]
pub fn btrbk(name: &str) -> Option<(&str, u64)> {
    let (series, stamp) = name.rsplit_once('.')?;
    let stamp = stamp.split_once('_').map_or(stamp, |(stamp, _)| stamp);
    let when = Timestamp::strptime("%Y%m%dT%H%M%S%z", stamp).ok()?;
    Some((series, u64::try_from(when.as_second()).ok()?))
}

/// When snapper took a snapshot, by its `info.xml`: `<date>2026-11-23 17:00:00</date>`, in UTC.
#[must_use]
pub fn snapper_date(info: &str) -> Option<u64> {
    let (_, rest) = info.split_once("<date>")?;
    let (date, _) = rest.split_once("</date>")?;
    let shown = DateTime::strptime("%Y-%m-%d %H:%M:%S", date.trim()).ok()?;
    let when = TimeZone::UTC.to_timestamp(shown).ok()?;
    u64::try_from(when.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_time_with_the_offset() {
        let noon = 1_795_435_200;
        for name in [
            "shop.20261123T120000+0000",
            "shop.20261123T130000+0100",
            "shop.20261123T054500-0615_2",
        ] {
            assert_eq!(btrbk(name), Some(("shop", noon)), "{name}");
        }
        assert_eq!(btrbk("a.b.20261123T120000+0000"), Some(("a.b", noon)));
        for other in ["shop", "shop.old", "shop.20261123T120000", "lost+found"] {
            assert_eq!(btrbk(other), None, "{other}");
        }
    }

    #[test]
    fn snappers_date_is_utc() {
        let info = "<?xml version=\"1.0\"?>\n<snapshot>\n  <date>2026-11-23 12:00:00</date>\n</snapshot>\n";
        assert_eq!(snapper_date(info), Some(1_795_435_200));
        assert_eq!(snapper_date("<date>yesterday</date>"), None);
    }
}
