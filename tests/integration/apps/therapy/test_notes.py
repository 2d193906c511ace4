"""Therapy notes: linked to the dose they follow, locked when signed, added to afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from tests.factories.access import a_user
from tests.factories.dosing import a_dosing_visit
from tests.factories.sites import THEN
from tests.factories.therapy import HOUR, a_note, after_a_dose, content, integration

from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.planning import operations as planning
from openkap.apps.planning.states import VisitState
from openkap.apps.therapy import operations, queries
from openkap.apps.therapy.models import Addendum, IntegrationNote
from openkap.core.planning import Place
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db


def test_a_note_knows_the_dose_it_follows_and_the_window() -> None:
    sitting, visit = after_a_dose()
    note = a_note(sitting, visit, hours=26)
    assert (note.dose_number, note.dose_at, note.dose_session) == (1, sitting.zero, sitting.session.public_id)
    assert note.window_place == Place.FIRST
    assert note.judged_by == {"ketamine-iv-twice-weekly": 1}


def test_where_it_lies_in_the_window() -> None:
    sitting, visit = after_a_dose()
    doses = queries.doses_of(sitting.cared.patient, sitting.zero + 3 * HOUR)
    expected = {
        -1: Place.BEFORE,
        48: Place.FIRST,
        49: Place.SECOND,
        7 * 24: Place.SECOND,
        7 * 24 + 1: Place.OUTSIDE,
    }
    found = {h: queries.since_dose(visit, sitting.zero + h * HOUR, doses).place.place for h in expected}
    assert found == expected


def test_hours_count_from_the_first_dose_of_the_day() -> None:
    sitting, visit = after_a_dose()
    dose = queries.doses_of(sitting.cared.patient, sitting.zero + 30 * HOUR)[0]
    again = type(dose)(
        **{name: getattr(dose, name) for name in dose.__dataclass_fields__} | {"at": dose.at + 3 * HOUR}
    )
    since = queries.since_dose(visit, dose.at + 26 * HOUR, [dose, again])
    assert since.place.hours == 26


def test_without_a_dose_the_place_is_unknown() -> None:
    cared, _dosing = a_dosing_visit()
    visit = integration(cared)
    note = operations.record_integration(
        by=cared.therapist, now=visit.starts_at + HOUR, visit=visit, content=content(visit.starts_at)
    )
    assert (note.dose_number, note.window_place) == (None, Place.UNKNOWN)


def test_signing_completes_the_visit_and_leaves_a_trail_without_words() -> None:
    sitting, visit = after_a_dose()
    a_note(sitting, visit)
    visit.refresh_from_db()
    assert visit.state == VisitState.DONE
    row = Row.objects.get(action="therapy.sign")
    assert row.details == {"methods": ["therapy-emdr"], "dose": 1, "window": "first"}


def test_a_visit_has_one_note() -> None:
    sitting, visit = after_a_dose()
    a_note(sitting, visit)
    with pytest.raises(NotAllowedNow, match="addendum"):
        a_note(sitting, visit, hours=27)
    assert IntegrationNote.objects.count() == 1


def test_a_cancelled_visit_and_a_dosing_visit_have_none() -> None:
    sitting, visit = after_a_dose()
    planning.cancel_visit(by=sitting.cared.therapist, now=sitting.zero, visit=visit, reason="ill")
    visit.refresh_from_db()
    with pytest.raises(NotAllowedNow):
        a_note(sitting, visit)
    with pytest.raises(NotAllowedNow):
        a_note(sitting, sitting.session.visit)
    assert not IntegrationNote.objects.exists()


WRONG: list[tuple[dict[str, object], str]] = [
    ({"minutes": 0}, "minutes"),
    ({"minutes": 601}, "minutes"),
    ({"methods": ()}, "methods"),
    ({"methods": ("therapy-astrology",)}, "methods"),
    ({"what_happened": "  "}, "what_happened"),
    ({"what_happened": "x" * 50_001}, "what_happened"),
    ({"goals": "x" * 50_001}, "goals"),
    ({"rated": "picture", "rating_before": 11}, "rating_before"),
    ({"rated": "picture", "rating_after": -1}, "rating_after"),
    ({"rating_before": 5}, "rated"),
    ({"began_at": THEN + timedelta(days=99)}, "began_at"),
    ({"began_at": THEN - timedelta(days=400)}, "began_at"),
]


def test_what_cannot_be_is_refused_by_its_field() -> None:
    cared, _dosing = a_dosing_visit()
    visit = integration(cared)
    for wrong, field in WRONG:
        given = replace(content(visit.starts_at), **wrong)
        with pytest.raises(BadInput) as refused:
            operations.record_integration(
                by=cared.therapist, now=visit.starts_at + HOUR, visit=visit, content=given
            )
        assert refused.value.field == field, wrong
    visit.refresh_from_db()
    assert visit.state == VisitState.PLANNED
    assert not IntegrationNote.objects.exists()


def test_others_are_refused() -> None:
    cared, _dosing = a_dosing_visit()
    visit = integration(cared)
    roles = (Role.THERAPIST, Role.MONITOR, Role.PRESCRIBER, Role.PRIVACY_OFFICER)
    for stranger in [cared.monitor, cared.coordinator, *(a_user(role, site=cared.site) for role in roles)]:
        with pytest.raises(Refused):
            operations.record_integration(
                by=stranger, now=visit.starts_at + HOUR, visit=visit, content=content(visit.starts_at)
            )


def test_a_monitor_of_the_team_reads_but_does_not_write() -> None:
    sitting, visit = after_a_dose()
    note = a_note(sitting, visit)
    assert queries.note_for(sitting.cared.monitor, note.public_id) == note
    with pytest.raises(Refused):
        operations.add_addendum(by=sitting.cared.monitor, now=sitting.zero, note=note, text="x")
    with pytest.raises(NotFound):
        queries.note_for(a_user(Role.THERAPIST, site=sitting.cared.site), note.public_id)


def test_a_signed_note_is_added_to_never_changed() -> None:
    sitting, visit = after_a_dose()
    note = a_note(sitting, visit)
    added = operations.add_addendum(
        by=sitting.cared.therapist, now=sitting.zero + 99 * HOUR, note=note, text=" she called later "
    )
    assert [one.text for one in queries.addenda_of(note)] == ["she called later"]
    for change in (
        lambda: IntegrationNote.objects.filter(pk=note.pk).update(homework="none"),
        lambda: Addendum.objects.filter(pk=added.pk).update(text="none"),
        lambda: Addendum.objects.filter(pk=added.pk).delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
    with pytest.raises(BadInput):
        operations.add_addendum(by=sitting.cared.therapist, now=sitting.zero, note=note, text="")
