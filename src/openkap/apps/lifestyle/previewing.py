"""What would be kept of a file, in words, before anything is."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.lifestyle import queries
from openkap.apps.lifestyle.drafts import Draft
from openkap.apps.lifestyle.forms import KIND_WORDS
from openkap.core.lifestyle import Chosen, Kind, Skipped

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

SHOWN = 7
SKIPPED_WORDS: dict[Skipped, "Promise | str"] = {
    Skipped.AHEAD: _("days that have not come yet"),
    Skipped.LONG_AGO: _("days that are more than a year back"),
    Skipped.IMPOSSIBLE: _("days with a number that cannot be"),
    Skipped.TWICE: _("days that stand there twice with different numbers"),
    Skipped.UNREADABLE: _("lines that could not be understood"),
}


@dataclass(frozen=True)
class KindPreview:
    """One kind: its days, from which device how many, and the last of them. `same`: days kept already."""

    kind: Kind
    title: "Promise | str"
    first: date
    last: date
    n: int
    same: int
    from_device: list[tuple[str, int]]
    latest: list[Chosen]


def previews(draft: Draft, preferred: dict[Kind, str], patient: "Patient") -> list[KindPreview]:
    """Each kind that the file holds."""
    days = draft.days(preferred)
    found = []
    for kind in Kind:
        of_kind = [one for one in days if one.kind is kind]
        if of_kind:
            kept = {row.on: row.amount for row in queries.days_of(patient, of_kind[0].day)[kind]}
            same = sum(kept.get(one.day) == one.amount for one in of_kind)
            counted = Counter(one.device for one in of_kind).most_common()
            first, last = of_kind[0].day, of_kind[-1].day
            title = KIND_WORDS[kind]
            found.append(
                KindPreview(kind, title, first, last, len(of_kind), same, counted, of_kind[: -SHOWN - 1 : -1])
            )
    return found


def skipped_in_words(draft: Draft) -> list[tuple[int, "Promise | str"]]:
    """How much is left out, and why."""
    return [(n, SKIPPED_WORDS[why]) for why, n in draft.found.skipped.items()]
