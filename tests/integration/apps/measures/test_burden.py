"""A site's own limit of what is asked: set by its director with a reason, kept, and shown with who said it."""

import pytest
from django.urls import reverse
from tests.factories.access import a_client
from tests.factories.planning import ready_for_plan, sign
from tests.factories.portal import let_in
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor
from tests.sharing import shared

from openkap.apps.audit.models import Row
from openkap.apps.measures.models import BurdenLimit
from openkap.apps.measures.operations import limit_burden
from openkap.apps.measures.schedule import schedule_of
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db


@shared
def care() -> CaredFor:
    cared = ready_for_plan()
    let_in(cared.patient)
    cared.patient.refresh_from_db()
    sign(cared, "asking-depression")
    return cared


def test_the_record_holds_until_the_director_says_otherwise_and_again_after(care: CaredFor) -> None:
    by_record = schedule_of(care.patient, THEN).limit
    assert by_record is not None
    assert by_record.set_here is None
    said = {"now": THEN, "site": care.site, "reason": "Our patients tire sooner."}
    limit_burden(by=care.medical_director, minutes=1, **said)  # type: ignore[arg-type]
    schedule = schedule_of(care.patient, THEN)
    assert schedule.limit is not None
    assert schedule.limit.minutes == 1
    assert schedule.weeks[0].is_too_much
    limit_burden(by=care.medical_director, minutes=None, **said)  # type: ignore[arg-type]
    assert schedule_of(care.patient, THEN).limit == by_record
    rows = Row.objects.filter(action="measures.limit-burden").order_by("id")
    assert [(row.details["before"], row.details["minutes"]) for row in rows] == [(None, 1), (1, None)]


def test_only_the_director_sets_it_with_a_reason_to_something_that_can_be(care: CaredFor) -> None:
    for by, minutes, reason, error in (
        (care.prescriber, 20, "less is more", Refused),
        (care.medical_director, 20, " ", BadInput),
        (care.medical_director, 0, "less is more", BadInput),
        (care.medical_director, 601, "more is more", BadInput),
        (care.medical_director, None, "as it is", NotAllowedNow),
    ):
        with pytest.raises(error):
            limit_burden(by=by, now=THEN, site=care.site, minutes=minutes, reason=reason)
    assert not BurdenLimit.objects.exists()


def test_the_page_says_what_holds_and_who_said_so(care: CaredFor) -> None:
    director = a_client(care.medical_director)
    page = director.get(reverse("measures:burden-sites")).headers["Location"]
    assert "25 minutes" in director.get(page).content.decode()
    assert director.post(page, {"minutes": "15", "reason": ""}).status_code == 422
    assert director.post(page, {"minutes": "15", "reason": "Short weeks."}).status_code == 302
    shown = director.get(page).content.decode()
    assert "15 minutes" in shown
    assert "Short weeks." in shown
    schedule = a_client(care.prescriber).get(reverse("measures:schedule", args=[care.patient.public_id]))
    assert "set for this site by" in schedule.content.decode()
