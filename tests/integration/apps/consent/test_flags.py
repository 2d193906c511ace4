"""A plan without a consent that holds is flagged: on the plan, before it starts, and in the chart's header."""

import pytest
from django.urls import reverse
from tests.factories.access import a_client
from tests.factories.consent import valid_consent
from tests.factories.planning import a_plan
from tests.factories.sites import THEN
from tests.factories.tasks import cared_for

from openkap.apps.consent import operations

pytestmark = pytest.mark.django_db
LACKS = "The signed consent does not have what this schedule asks for"


def test_a_running_plan_says_that_consent_is_missing_and_then_that_it_was_withdrawn() -> None:
    cared = cared_for()
    a_plan(cared)
    client = a_client(cared.prescriber)
    page = reverse("planning:plan", args=[cared.patient.public_id])
    chart = reverse("consent:step", args=[cared.patient.public_id])
    assert "No dose can be given until it is valid." in client.get(page).content.decode()
    assert "no dose until it is valid" in client.get(chart).content.decode()
    consent = valid_consent(cared)
    assert "No dose can be given" not in client.get(page).content.decode()
    assert "no dose until it is valid" not in client.get(chart).content.decode()
    operations.withdraw(by=cared.monitor, now=THEN, consent=consent)
    assert "Consent was withdrawn" in client.get(page).content.decode()
    assert (
        "Consent was withdrawn"
        in client.get(reverse("web:chart", args=[cared.patient.public_id])).content.decode()
    )


def test_three_dosing_days_a_week_ask_for_the_addendum() -> None:
    cared = cared_for()
    a_plan(cared, "ketamine-iv-intensive")
    client = a_client(cared.prescriber)
    page = reverse("planning:plan", args=[cared.patient.public_id])
    valid_consent(cared)
    shown = client.get(page).content.decode()
    assert LACKS in shown
    assert "intensive schedule" in shown
    valid_consent(cared, THEN, addenda=["consent-addendum-intensive"])
    assert LACKS not in client.get(page).content.decode()
