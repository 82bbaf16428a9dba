//! A time as a person types it.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;

use crate::system::{Fault, System};

/// What is understood.
pub const EXPECTED: &str = "a time: `2026-11-27 07:00`, `2026-11-27` (its end), `2026-11-27T07:00:00+01:00`, or `90min ago`, `2h ago`, `3d ago`, `1w ago`";

/// Reads a time, in seconds since 1970. Without an offset it is in the zone.
///
/// # Errors
/// What is expected.
pub fn parse(text: &str, now: u64, zone: &TimeZone) -> Result<u64, String> {
    let wrong = || format!("`{}` is not {EXPECTED}", text.escape_debug());
    let text = text.trim();
    if let Some(span) = text.strip_suffix(" ago") {
        return ago(span)
            .and_then(|seconds| now.checked_sub(seconds))
            .ok_or_else(wrong);
    }
    let seconds = |at: Timestamp| u64::try_from(at.as_second()).ok();
    if let Ok(at) = text.parse::<Timestamp>() {
        return seconds(at).ok_or_else(wrong);
    }
    let at = civil(text).and_then(|civil| zone.to_ambiguous_timestamp(civil).compatible().ok());
    at.and_then(seconds).ok_or_else(wrong)
}

fn civil(text: &str) -> Option<DateTime> {
    const FORMS: [&str; 4] = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M",
    ];
    let found = FORMS
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok());
    // Of a day its newest is meant.
    found.or_else(|| {
        let date = Date::strptime("%Y-%m-%d", text).ok()?;
        Some(date.to_datetime(time(23, 59, 59, 0)))
    })
}

/// Seconds in `2h`, `90 min` and so on.
fn ago(span: &str) -> Option<u64> {
    let end = span.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = span.split_at_checked(end)?;
    let unit = match unit.trim() {
        "s" | "second" | "seconds" => 1,
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit)
}

/// The zone of this host: what `/etc/localtime` leads to (`localtime(5)`); where nothing is there, UTC.
///
/// # Errors
/// When it cannot be looked at, or its name is not known.
pub fn zone(system: &dyn System) -> Result<TimeZone, Fault> {
    let Some(path) = system.resolve(Path::new("/etc/localtime"))? else {
        return Ok(TimeZone::UTC);
    };
    let shown = path.to_string_lossy();
    let name = shown.rsplit_once("/zoneinfo/").map(|(_, name)| name);
    let zone = name.and_then(|name| TimeZone::get(name).ok());
    zone.ok_or_else(|| {
        Fault::Unexpected(format!(
            "/etc/localtime leads to {shown}, which is no time zone that is known here; say the time with its offset, as in 2026-11-27T07:00:00+01:00"
        ))
    })
}

/// A time in words, in UTC.
#[must_use]
pub fn shown(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok();
    let at = at.and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.map_or_else(
        || "an unknown time".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// A span in words.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    /// 2026-11-27 07:13:04 UTC
    const NOW: u64 = 1_795_763_584;

    fn at(text: &str) -> Option<u64> {
        parse(text, NOW, &TimeZone::get("Europe/Berlin").unwrap()).ok()
    }

    #[test]
    fn times_are_in_the_hosts_zone_unless_they_say_otherwise() {
        for text in [
            "2026-11-27 08:13:04",
            "2026-11-27T08:13:04",
            "2026-11-27T07:13:04Z",
            "2026-11-27T08:13:04+01:00",
            "0s ago",
        ] {
            assert_eq!(at(text), Some(NOW), "{text}");
        }
        assert_eq!(at("2026-11-27 08:13"), Some(NOW - 4));
        assert_eq!(at("2026-11-27"), Some(NOW + 15 * 3600 + 46 * 60 + 55));
        assert_eq!(at("2h ago"), Some(NOW - 7200));
        assert_eq!(at("90 minutes ago"), Some(NOW - 5400));
        assert_eq!(at("1w ago"), Some(NOW - 604_800));
    }

    #[test]
    fn anything_else_is_told_with_what_is_expected() {
        for text in [
            "",
            "yesterday",
            "ago",
            " ago",
            "h ago",
            "2 ago",
            "2h",
            "2y ago",
            "-2h ago",
            "99999999999999999999s ago",
            "9999999999d ago",
            "2026-13-01",
            "2026-11-27 25:00",
            "1969-01-01",
            "27.11.2026",
            "é ago",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
        let told = parse("x\n", NOW, &TimeZone::UTC).unwrap_err();
        assert!(told.starts_with("`x\\n` is not a time"), "{told}");
    }

    #[test]
    fn times_of_any_kind() {
        let samples = [
            "2026-11-27T08:13:04+01:00",
            "2026-11-27 08:13",
            "2026-11-27",
            "90 minutes ago",
        ];
        damage::each(&samples, |text| {
            let _ = at(text);
        });
    }
}
