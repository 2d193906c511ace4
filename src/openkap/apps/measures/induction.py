"""Which doses frame the course of treatment. Dosing lies above this app and hands in how to find them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


@dataclass(frozen=True)
class Induction:
    """First and last dose of the induction, which say what counts as baseline and as response endpoint.

    `doses`: when each of its doses began, those two among them. `indication`: what the course treats.
    """

    first_dose_at: datetime
    last_dose_at: datetime
    doses: tuple[datetime, ...] = ()
    indication: str = ""


Finder = Callable[["Patient"], Induction | None]
_finders: list[Finder] = []


def find_by(finder: Finder) -> None:
    """Have `finder` say where a patient's induction lies; called once, when the apps are ready."""
    _finders[:] = [finder]


def induction_of(patient: "Patient") -> Induction | None:
    """The patient's induction; none before the first dose."""
    return _finders[0](patient) if _finders else None
