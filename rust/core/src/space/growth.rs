//! How fast something grows, from what was recorded of it.

use serde::{Deserialize, Serialize};

/// Nothing is said of a shorter time: a night is no trend.
const SHORTEST: u64 = DAY;
/// What is older says nothing of how it grows now.
const LONGEST: u64 = 30 * DAY;
const DAY: u64 = 24 * 60 * 60;

/// How much there was at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// In seconds since 1970.
    pub at: u64,
    /// In bytes.
    pub bytes: u64,
}

/// How fast it grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Growth {
    /// Bytes that a day adds; below 0 it shrinks.
    pub bytes_per_day: i64,
    /// The first of the times that it rests on, in seconds since 1970.
    pub from: u64,
    /// The last of them.
    pub to: u64,
    /// How many they are.
    pub points: usize,
}

/// The median of the slopes between any two of the times (the estimator of Theil and Sen): up to a quarter of them may be out of
/// the way, after a restore or a clean-up, and it stays. Of the last 30 days before the newest; `None` where those are less than one day.
#[must_use]
pub fn growth(points: &[Point]) -> Option<Growth> {
    let newest = points.iter().map(|point| point.at).max()?;
    let mut points: Vec<Point> = points
        .iter()
        .copied()
        .filter(|point| newest - point.at <= LONGEST)
        .collect();
    points.sort_unstable();
    points.dedup_by_key(|point| point.at);
    let (first, last) = (points.first()?, points.last()?);
    if last.at - first.at < SHORTEST {
        return None;
    }
    let pairs = points.iter().enumerate().flat_map(|(index, one)| {
        let later = points.iter().skip(index + 1);
        later.map(move |other| slope(*one, *other))
    });
    Some(Growth {
        bytes_per_day: median(pairs.collect())?,
        from: first.at,
        to: last.at,
        points: points.len(),
    })
}

/// Bytes a day from one to a later one.
fn slope(one: Point, later: Point) -> i128 {
    let bytes = i128::from(later.bytes) - i128::from(one.bytes);
    bytes * i128::from(DAY) / i128::from((later.at - one.at).max(1))
}

/// The middle one, of an even number what is between the two.
fn median(mut of: Vec<i128>) -> Option<i64> {
    of.sort_unstable();
    let (low, high) = (of.get(of.len().checked_sub(1)? / 2)?, of.get(of.len() / 2)?);
    let middle = (low + high) / 2;
    i64::try_from(middle).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn daily(bytes: impl IntoIterator<Item = u64>) -> Vec<Point> {
        let days = bytes.into_iter().enumerate();
        let point = |(day, bytes)| Point {
            at: 1_790_000_000 + u64::try_from(day).unwrap() * DAY,
            bytes,
        };
        days.map(point).collect()
    }

    #[test]
    fn a_steady_growth_is_what_it_is_and_a_restore_in_between_does_not_change_it() {
        let mut points = daily((0..14).map(|day| (100 + day) * GIB));
        let steady = growth(&points).unwrap();
        assert_eq!(steady.bytes_per_day, 1 << 30);
        assert_eq!((steady.points, steady.to - steady.from), (14, 13 * DAY));
        for out in [3, 4, 9] {
            points[out].bytes += 500 * GIB;
        }
        assert_eq!(growth(&points).unwrap().bytes_per_day, 1 << 30);
    }

    #[test]
    fn it_may_shrink_or_stay() {
        let shrinks = daily((0..5).map(|day| (100 - day) * GIB));
        assert_eq!(growth(&shrinks).unwrap().bytes_per_day, -(1 << 30));
        assert_eq!(growth(&daily([7; 5])).unwrap().bytes_per_day, 0);
    }

    #[test]
    fn less_than_a_day_says_nothing() {
        let mut points = daily([1, 2]);
        assert!(growth(&points).is_some());
        points[1].at -= 1;
        assert_eq!(growth(&points), None);
        assert_eq!(growth(&points[..1]), None);
        assert_eq!(growth(&[]), None);
        assert_eq!(growth(&[points[0]; 3]), None, "one time, told three times");
    }

    #[test]
    fn what_is_older_than_thirty_days_does_not_count() {
        let mut points = daily((0..40).map(|day| if day < 10 { 900 * GIB } else { day * GIB }));
        let found = growth(&points).unwrap();
        assert_eq!((found.bytes_per_day, found.points), (1 << 30, 31));
        points.reverse();
        assert_eq!(growth(&points), Some(found), "in whatever order");
    }

    #[test]
    fn what_nobody_stores_ends_nothing() {
        let wild = daily([0, u64::MAX, 0, u64::MAX]);
        let _ = growth(&wild);
    }
}
