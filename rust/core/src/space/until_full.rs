//! When a filesystem is full, if it goes on as it did.

use serde::{Deserialize, Serialize};

use super::Growth;

/// When there is no more room, in days from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UntilFull {
    /// Until what is kept free of data is begun on; 0: it is.
    pub days_to_reserve: u64,
    /// Until nothing is left.
    pub days: u64,
}

/// In how many days so much room is used up, of which so much is to be kept; `None` where it does not grow.
#[must_use]
pub fn until_full(available: u64, reserve: u64, growth: &Growth) -> Option<UntilFull> {
    let a_day = u64::try_from(growth.bytes_per_day)
        .ok()
        .filter(|bytes| *bytes > 0)?;
    Some(UntilFull {
        days_to_reserve: available.saturating_sub(reserve) / a_day,
        days: available / a_day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes_per_day: i64) -> Growth {
        Growth {
            bytes_per_day,
            from: 0,
            to: 1,
            points: 2,
        }
    }

    #[test]
    fn the_reserve_is_begun_on_before_nothing_is_left() {
        let found = until_full(100, 20, &of(8)).unwrap();
        assert_eq!((found.days_to_reserve, found.days), (10, 12));
        let late = until_full(10, 20, &of(8)).unwrap();
        assert_eq!((late.days_to_reserve, late.days), (0, 1));
    }

    #[test]
    fn what_does_not_grow_is_never_full() {
        assert_eq!(until_full(100, 20, &of(0)), None);
        assert_eq!(until_full(0, 0, &of(-5)), None);
    }
}
