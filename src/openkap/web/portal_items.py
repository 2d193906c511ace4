"""What waits for a patient, asked of every app that has something: one line here for each provider.

An app that has something for patients offers a function `(patient, now) -> [PortalItem]` (`apps.portal.items`)
and is named in `PROVIDERS`. It runs on every opening of the Today page, so it asks the database once or twice.
"""

from datetime import date, datetime
from math import ceil
from typing import TYPE_CHECKING

from openkap.apps.consent.portal_items import portal_items as consent_items
from openkap.apps.intake.portal_items import portal_items as intake_items
from openkap.apps.journal.portal_items import portal_items as practice_items
from openkap.apps.measures.portal_items import portal_items as questionnaire_items
from openkap.apps.portal.items import PortalItem, Provider
from openkap.web.portal_choosing import choosing_items
from openkap.web.portal_visits import visit_items

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

PROVIDERS: tuple[Provider, ...] = (
    questionnaire_items,
    consent_items,
    intake_items,
    choosing_items,
    practice_items,
    visit_items,
)


def minutes_of(items: list[PortalItem]) -> int:
    """What they take together, in whole minutes."""
    return ceil(sum(item.takes if item.takes is not None else item.minutes or 0 for item in items))


def items_for(patient: "Patient", now: datetime) -> list[PortalItem]:
    """Everything that waits, what asks for something first, then by when it is due."""
    found = [item for provider in PROVIDERS for item in provider(patient, now)]
    return sorted(found, key=lambda item: (not item.asks, item.due or date.max))
