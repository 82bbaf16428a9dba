"""The moments of the compared year: when snapshots are taken, and when a tool is run to thin them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from .model import ZONE, ask, moments

BEGINS = date(2027, 1, 1)
DAYS = 372
# In the European Union clocks change on these days, at 1:00 UTC.
CHANGES = (date(2027, 3, 28), date(2027, 10, 31))
# From so many days before a change to as many after it, snapshots are hourly.
AROUND = 2


def epoch(day: date, hour: int = 0, minute: int = 0) -> int:
    """A moment by the clock; of a doubled one the first."""
    return int(datetime.combine(day, time(hour, minute), ZoneInfo(ZONE)).timestamp())


def taken(program: Path, usual: str) -> list[int]:
    """The runs of a calendar over the year, hourly around the changes; and on their days each hour by UTC, too, so that both
    of the doubled hours have snapshots."""
    ends = BEGINS + timedelta(days=DAYS)
    found = set(runs(program, usual, epoch(BEGINS), epoch(ends)))
    for change in CHANGES:
        window = (epoch(change - timedelta(days=AROUND)), epoch(change + timedelta(days=AROUND + 1)))
        found |= set(runs(program, "hourly", *window))
        found |= set(runs(program, "hourly UTC", epoch(change), epoch(change + timedelta(days=1))))
    return sorted(found)


def thinned() -> list[int]:
    """Each evening, on the day of a change each hour, and once more after weeks without any run."""
    found = set()
    for number in range(DAYS - 40):
        day = BEGINS + timedelta(days=number)
        found.add(epoch(day, 23, 10))
        if day in CHANGES:
            first = epoch(day)
            found |= set(range(first + 600, epoch(day + timedelta(days=1)), 3600))
    found.add(epoch(BEGINS + timedelta(days=DAYS), 0, 10))
    return sorted(found)


def runs(program: Path, on_calendar: str, begins: int, ends: int) -> list[int]:
    """When our model says that a timer runs."""
    question = {"ask": "runs", "onCalendar": on_calendar, "timeZone": ZONE, "from": begins, "to": ends}
    return moments(ask(program, **question))


def shown(moment: int) -> str:
    """A moment as a person reads it."""
    return f"{datetime.fromtimestamp(moment, ZoneInfo(ZONE)):%a %Y-%m-%d %H:%M %Z}"


def difference(ours: list[int], theirs: list[int]) -> str:
    """What only one of the two keeps."""
    only_ours = [shown(moment) for moment in ours if moment not in set(theirs)]
    only_theirs = [shown(moment) for moment in theirs if moment not in set(ours)]
    return f"only simulated: {', '.join(only_ours) or 'none'}; only real: {', '.join(only_theirs) or 'none'}"
