"""Which device counts on a day that several counted: one of them, never their sum."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openkap.core.lifestyle.daily import Found, Kind


@dataclass(frozen=True)
class Chosen:
    """The number of a day, and the device it is from."""

    kind: Kind
    day: date
    amount: int
    device: str


def devices(found: Found, kind: Kind) -> list[tuple[str, int]]:
    """The devices that counted it and on how many days, the one with most days first."""
    held = found.by_device.get(kind, {})
    return sorted(((name, len(days)) for name, days in held.items()), key=lambda one: (-one[1], one[0]))


def choose(found: Found, preferred: Mapping[Kind, str] | None = None) -> list[Chosen]:
    """One number for each kind and day, by day.

    The preferred device counts, or the one with most days; where it has none, the next. Telephone and watch on
    one person count the same steps, so numbers of two devices are never added.
    """
    chosen = []
    for kind in Kind:
        first = (preferred or {}).get(kind, "")
        order = sorted((name for name, _n in devices(found, kind)), key=lambda name: name != first)
        held = found.by_device.get(kind, {})
        for day in sorted({day for days in held.values() for day in days}):
            name = next(name for name in order if day in held[name])
            chosen.append(Chosen(kind, day, held[name][day], name))
    return chosen
