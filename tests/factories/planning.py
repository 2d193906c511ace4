"""Plans for tests, started through the operations."""

from datetime import date, datetime, timedelta

from openkap.apps.assessment.operations import set_indication
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.planning import operations, queries
from openkap.apps.planning.compiling import Choices
from openkap.apps.planning.models import Plan, Visit
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for

TWICE_WEEKLY = "ketamine-iv-twice-weekly"
START = date(2026, 9, 7)  # the Monday after THEN
DAY = timedelta(days=1)
UNSIGNED = "Planned in a test, without an assessment."


def ready_for_plan(
    cared: CaredFor | None = None, protocol_id: str = TWICE_WEEKLY, now: datetime = THEN
) -> CaredFor:
    """A patient with an episode, at a site whose director has signed the protocol off."""
    cared = cared or cared_for()
    sign(cared, protocol_id, now)
    protocol = knowledge_for(cared.site, now).protocols[protocol_id]
    set_indication(
        by=cared.prescriber,
        now=now,
        patient=cared.patient,
        indication=protocol.indications[0],
        drug=protocol.drug.value,
        route=protocol.route.value,
    )
    return cared


def sign(cared: CaredFor, record_id: str, now: datetime = THEN) -> None:
    """The medical director adopts a record for the site."""
    version = knowledge_for(cared.site, now).record(record_id).version
    sign_off(
        by=cared.medical_director, now=now, record_id=record_id, version=version, site=cared.site, adopted=True
    )


def a_plan(cared: CaredFor | None = None, protocol_id: str = TWICE_WEEKLY, start: date = START) -> Plan:
    """An active plan from `start`."""
    cared = ready_for_plan(cared, protocol_id)
    return operations.start_plan(
        by=cared.prescriber,
        now=THEN,
        patient=cared.patient,
        protocol_id=protocol_id,
        start=start,
        choices=Choices(),
        override_reason=UNSIGNED,
    )


def visits(plan: Plan, kind: str = "") -> list[Visit]:
    """The plan's visits by time, of one kind or all."""
    return [visit for visit in queries.visits_in(plan) if kind in {"", visit.kind}]
