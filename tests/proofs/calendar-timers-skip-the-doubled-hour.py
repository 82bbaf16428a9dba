"""A systemd timer by local time runs once in the hour that is there twice in autumn; the same calendar in UTC runs in both."""

import os
import re
from datetime import datetime, timezone

from lab.process import run
from proofs.bench import Bench

ZONE = "Europe/Berlin"
# In the night to 31 October 2027 clocks are put back from 3:00 to 2:00.
BEGINS = "2027-10-30 23:00:00 UTC"


def prove(bench: Bench) -> None:
    bench.need("systemd-analyze", "systemd")
    gaps = {}
    for calendar, often in (("*:00/15", 15), ("hourly", 60), ("*:00/15 UTC", 15), ("hourly UTC", 60)):
        gaps[calendar] = longest_gap(calendar)
        bench.record(**{f"{calendar}: longest minutes between two runs": gaps[calendar]})
        if calendar.endswith("UTC"):
            # Control: what runs by UTC never waits longer than it is told.
            assert gaps[calendar] == often, f"{calendar} waits {gaps[calendar]} minutes"
        else:
            assert gaps[calendar] == often + 60, f"{calendar} waits {gaps[calendar]} minutes"


def longest_gap(calendar: str) -> int:
    """The longest time between two runs of that night, in minutes."""
    words = ("systemd-analyze", "calendar", "--iterations=24", f"--base-time={BEGINS}", calendar)
    said = run(*words, env=os.environ | {"TZ": ZONE, "LC_ALL": "C"})
    stamps = re.findall(r"\(in UTC\): \w+ (.*) UTC", said)
    runs = [datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc) for stamp in stamps]
    return max(int((later - earlier).total_seconds()) // 60 for earlier, later in zip(runs, runs[1:]))
