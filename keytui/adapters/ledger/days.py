"""Local calendar days and months as stretches of time, and which sums cover a stretch.

Imports nothing that is slow: ``keytui status`` uses it too.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

HOUR = 3_600_000_000
DAY = 24 * HOUR
"""Microseconds."""

FOREVER = 10_000_000 * DAY
"""A moment after every entry, in microseconds."""

HOURS, DAYS, MOMENTS = 0, 1, 2
"""What a piece of a stretch is summed from: hourly sums, daily sums, or entries themselves."""

Piece = tuple[str, int, int, int]
"""A label, one of the three above, and the first and the end: numbers of hours, of days (UTC), or microseconds."""


def day_start(day: date, zone: tzinfo | None) -> int:
    """When a local day begins, in microseconds since 1970. ``zone`` None is the system's."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return round(midnight.astimezone(UTC).timestamp()) * 1_000_000


def local_day(moment: int, zone: tzinfo | None) -> date:
    """The local day of a moment."""
    return datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(zone).date()


def stretch(since: date | None, until: date | None, zone: tzinfo | None) -> tuple[int, int]:
    """Local days from ``since`` to ``until``, both included, as a first moment and an end."""
    start = -FOREVER if since is None else day_start(since, zone)
    end = FOREVER if until is None else day_start(until + timedelta(days=1), zone)
    return start, end


def pieces(label: str, start: int, end: int) -> list[Piece]:
    """A stretch in as few sums as can be: whole UTC days, with hours at its ends.

    Entries themselves are needed only where a local day begins within an hour (India, Nepal, Newfoundland).
    """
    found: list[Piece] = []
    first_hour, end_hour = -(-start // HOUR), end // HOUR
    if first_hour > end_hour:
        return [(label, MOMENTS, start, end)] if start < end else []
    if start < first_hour * HOUR:
        found.append((label, MOMENTS, start, first_hour * HOUR))
    first_day, end_day = -(-first_hour // 24), end_hour // 24
    if first_day < end_day:
        found.append((label, HOURS, first_hour, first_day * 24))
        found.append((label, DAYS, first_day, end_day))
        found.append((label, HOURS, end_day * 24, end_hour))
    else:
        found.append((label, HOURS, first_hour, end_hour))
    if end_hour * HOUR < end:
        found.append((label, MOMENTS, end_hour * HOUR, end))
    return [piece for piece in found if piece[2] < piece[3]]


def day_pieces(start: int, end: int, zone: tzinfo | None) -> list[Piece]:
    """Every local day from the one of ``start`` up to ``end``, labelled ``YYYY-MM-DD``."""
    found: list[Piece] = []
    day = local_day(start, zone)
    opens = day_start(day, zone)
    while opens < end:
        day += timedelta(days=1)
        closes = day_start(day, zone)
        found += pieces((day - timedelta(days=1)).isoformat(), opens, closes)
        opens = closes
    return found


def month_pieces(start: int, end: int, zone: tzinfo | None) -> list[Piece]:
    """Every local month that the stretch touches, cut to it, labelled ``YYYY-MM``."""
    found: list[Piece] = []
    month = local_day(start, zone).replace(day=1)
    while (opens := day_start(month, zone)) < end:
        following = (month + timedelta(days=31)).replace(day=1)
        found += pieces(month.isoformat()[:7], max(opens, start), min(day_start(following, zone), end))
        month = following
    return found
