"""No valid consent, no dose: opening a session and starting a dose both ask, and nobody decides it away."""

from datetime import timedelta

import pytest
from tests.factories.consent import offered, patient_signed, read_through, valid_consent
from tests.factories.dosing import a_sitting, sign_monitoring
from tests.factories.planning import a_plan, visits
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.consent import operations, queries
from openkap.apps.consent.models import DoseNoted
from openkap.apps.consent.states import ConsentState
from openkap.apps.dosing import operations as dosing
from openkap.apps.dosing.errors import CannotOpen
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.planning.models import Visit
from openkap.errors import NotAllowedNow

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@shared
def planned() -> tuple[CaredFor, Visit]:
    cared = cared_for()
    visit = visits(a_plan(cared), "dosing")[0]
    sign_monitoring(cared.medical_director, cared.site)
    return cared, visit


def open_it(cared: CaredFor, visit: Visit) -> Session:
    return dosing.open_session(by=cared.monitor, now=visit.starts_at, visit=visit, chair="1")


def test_no_session_opens_without_consent_nor_with_half_of_one(planned: tuple[CaredFor, Visit]) -> None:
    cared, visit = planned
    with pytest.raises(CannotOpen, match="No consent for this drug and route"):
        open_it(cared, visit)
    consent = offered(cared)
    with pytest.raises(CannotOpen, match="not complete"):
        open_it(cared, visit)
    consent = read_through(consent, cared.prescriber)
    operations.sign(by=cared.prescriber, now=THEN, consent=consent, printed_name=cared.patient.name)
    with pytest.raises(CannotOpen, match="not complete"):
        open_it(cared, visit)
    assert not Session.objects.exists()
    operations.cancel(by=cared.prescriber, now=THEN, consent=consent, reason="a slip")
    valid_consent(cared)
    open_it(cared, visit)


def test_the_consent_is_for_one_drug_and_route(planned: tuple[CaredFor, Visit]) -> None:
    cared, visit = planned
    from_here = visit.plan.episode
    from_here.__class__.objects.filter(pk=from_here.pk).update(route="im")
    valid_consent(cared)
    with pytest.raises(CannotOpen, match="No consent"):
        open_it(cared, visit)


def test_withdrawn_after_opening_the_dose_cannot_start() -> None:
    sitting = a_sitting().until_ready()
    assert sitting.state(-5).to_start.ready
    before = snapshot_of(sitting.session, sitting.at(-5))
    consent = queries.consents_of(sitting.cared.patient)[0]
    operations.withdraw(by=sitting.cared.monitor, now=sitting.at(-4), consent=consent)
    assert before.state.to_start.ready
    shown = snapshot_of(sitting.session, sitting.at(-3))
    assert shown.state.to_start.lacking == ("consent",)
    outcome = sitting.add(0, "dose-started", amount_mg="35.0")
    assert (outcome.reason, outcome.about) == ("not-ready", ("consent",))
    assert "Valid consent" in outcome.words()
    decided = sitting.add(1, "decision-made", who=sitting.cared.prescriber, about="consent", reason="urgent")
    assert decided.reason
    assert sitting.add(2, "dose-started", amount_mg="35.0").reason == "not-ready"


def test_expired_on_the_day_no_session_opens(planned: tuple[CaredFor, Visit]) -> None:
    cared, visit = planned
    valid_consent(cared)
    late = visit.starts_at + timedelta(days=400)
    with pytest.raises(CannotOpen, match="expired"):
        dosing.open_session(by=cared.monitor, now=late, visit=visit, chair="1")


def test_a_dose_is_told_and_the_same_day_nothing_is_signed() -> None:
    sitting = a_sitting().until_over()
    assert DoseNoted.objects.filter(patient=sitting.cared.patient).count() == 2  # its start and its end
    with pytest.raises(NotAllowedNow, match="too soon after a dose"):
        patient_signed(sitting.cared, sitting.at(60))
    consent = queries.consents_of(sitting.cared.patient)[0]
    assert consent.state == ConsentState.READING
    ended = sitting.at(40)
    assert queries.signing_opens_at(sitting.cared.patient, ended + 24 * HOUR - HOUR / 60) is not None
    assert queries.signing_opens_at(sitting.cared.patient, ended + 24 * HOUR) is None


def test_a_dose_that_has_begun_stays_when_consent_is_withdrawn_during_it() -> None:
    sitting = a_sitting().until_dose()
    consent = queries.consents_of(sitting.cared.patient)[0]
    operations.withdraw(by=sitting.cared.monitor, now=sitting.at(5), consent=consent)
    assert sitting.state(6).dose is not None
    assert not sitting.add(7, "dose-stopped", reason="the patient asked").reason
