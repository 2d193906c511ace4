"""Who is named when an alert is raised, in and out of hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.factories.access import a_user
from tests.factories.safety import ACUTE, a_rota, an_asq
from tests.factories.tasks import SYSTEM, CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.measures.queries import instrument_for_entry, said_before
from openkap.apps.messages.models import Message
from openkap.apps.messages.sending import said
from openkap.apps.people.queries import care_team_of
from openkap.apps.safety.operations import NewShift, add_shift, change_unstaffed, end_shift, keep_safety
from openkap.apps.safety.rota import duty_at, hours_without, said_when_unstaffed, shifts_of
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.tasks.queries import alert_for, open_alerts_for
from openkap.errors import BadInput, Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 1, 19, 0, tzinfo=UTC)  # in Los Angeles, a Tuesday
NIGHT = NOON + timedelta(hours=12)


@shared
def care() -> CaredFor:
    return cared_for()


def add(care: CaredFor, shift: NewShift) -> None:
    add_shift(by=SYSTEM, now=NOON, site=care.site, shift=shift)


def test_the_alert_names_who_is_on_duty_and_writes_to_them(care: CaredFor) -> None:
    stranger = a_user(Role.MONITOR, site=care.site)
    a_rota(care.site, stranger)
    an_asq(care.patient, NOON, ACUTE)
    alert = Alert.objects.get()
    assert alert.owner == stranger
    assert open_alerts_for(stranger).get() == alert
    assert care_team_of(care.patient).filter(user=stranger).exists()
    message = Message.objects.get()
    assert message.user == stranger
    words = " ".join(said(message)).lower()
    assert not any(
        clinical in words for clinical in ("suicid", "risk", "asq", care.patient.family_name.lower())
    )


def test_out_of_hours_the_site_says_who_is_named(care: CaredFor) -> None:
    a_rota(care.site, care.monitor)
    assert duty_at(care.site, NIGHT).user is None
    an_asq(care.patient, NIGHT, ACUTE)
    assert Alert.objects.get().owner is None
    assert Message.objects.get().user == care.medical_director
    change_unstaffed(
        by=SYSTEM, now=NIGHT, site=care.site, user=care.prescriber, what_happens="told to call 988"
    )
    duty = duty_at(care.site, NIGHT)
    assert (duty.user, duty.unstaffed, duty.what_happens) == (care.prescriber, True, "told to call 988")


def test_without_any_rota_the_care_team_sees_it_and_the_directors_are_called(care: CaredFor) -> None:
    an_asq(care.patient, NOON, ACUTE)
    assert not duty_at(care.site, NOON).is_set_up
    assert open_alerts_for(care.therapist).count() == 1
    assert Message.objects.get().user == care.medical_director


def test_when_the_shift_changes_the_alert_changes_hands(care: CaredFor) -> None:
    a_rota(care.site, care.monitor, time(8), time(13))
    a_rota(care.site, care.prescriber, time(13), time(18))
    an_asq(care.patient, NOON, ACUTE)
    assert keep_safety(now=NOON) == 0
    owned = Task.objects.filter(kind="risk-step", owner=care.monitor).count()
    assert keep_safety(now=NOON + timedelta(hours=2)) == 1 + owned
    assert Alert.objects.get().owner == care.prescriber
    assert owned
    assert not Task.objects.filter(owner=care.monitor).exists()
    assert Message.objects.count() == 2
    assert keep_safety(now=NIGHT) == 0


@pytest.mark.parametrize(
    ("hour", "staffed"), [(21, False), (22, True), (23, True), (0, True), (5, True), (6, False), (12, False)]
)
def test_hours_may_run_past_midnight(care: CaredFor, hour: int, staffed: bool) -> None:
    a_rota(care.site, care.monitor, time(22), time(6))
    local = datetime(2026, 9, 2, (hour + 7) % 24, 0, tzinfo=UTC)
    assert duty_at(care.site, local).unstaffed is not staffed


def test_a_date_takes_the_place_of_its_weekday(care: CaredFor) -> None:
    a_rota(care.site, care.monitor)
    day = date(2026, 9, 1)
    add(care, NewShift(time(0), time(0), None, on=day))
    assert duty_at(care.site, NOON).user is None
    assert hours_without(care.site, day) == [(time(0), time(0))]
    assert hours_without(care.site, date(2026, 9, 2)) == [(time(0), time(8)), (time(18), time(0))]


def test_who_left_is_not_on_duty(care: CaredFor) -> None:
    user = a_user(Role.MONITOR, site=care.site)
    a_rota(care.site, user)
    user.memberships.update(ended_at=NOON)
    assert duty_at(care.site, NOON).user is None


def test_what_is_no_shift_is_refused(care: CaredFor) -> None:
    admin = a_user(Role.ADMINISTRATOR, site=care.site)
    for shift in (
        NewShift(time(8), time(9), care.monitor),
        NewShift(time(8), time(9), care.monitor, 1, date(2026, 9, 1)),
        NewShift(time(8), time(9), care.monitor, 7),
        NewShift(time(8), time(9), None, 1),
        NewShift(time(8), time(9), admin, 1),
    ):
        with pytest.raises(BadInput):
            add(care, shift)
    with pytest.raises(Refused):
        add_shift(
            by=care.therapist, now=NOON, site=care.site, shift=NewShift(time(8), time(9), care.monitor, 1)
        )
    assert not shifts_of(care.site).exists()


def test_the_same_shift_twice_is_one_and_taken_out_it_is_kept(care: CaredFor) -> None:
    for _time in range(2):
        add(care, NewShift(time(8), time(9), care.monitor, 1))
    shift = shifts_of(care.site).get()
    end_shift(by=care.coordinator, now=NOON, shift=shift)
    assert not shifts_of(care.site).exists()
    shift.refresh_from_db()
    assert (shift.removed_at, shift.removed_by) == (NOON, care.coordinator)


def test_who_is_named_may_answer(care: CaredFor) -> None:
    stranger = a_user(Role.THERAPIST, site=care.site)
    a_rota(care.site, stranger)
    an_asq(care.patient, NOON, ACUTE)
    assert alert_for(stranger, Alert.objects.get().public_id).owner == stranger


def test_who_answers_reads_beforehand_that_nobody_is_on_duty_now(care: CaredFor) -> None:
    assert said_when_unstaffed(care.site, NIGHT) == ""  # without a rota only the site's own words hold
    a_rota(care.site, care.monitor)
    assert said_when_unstaffed(care.site, NOON) == ""
    asq = instrument_for_entry(care.patient, NIGHT, "asq")
    assert said_before(care.patient, NIGHT, asq, "en").endswith(
        "Nobody is on duty at your clinic before Wednesday, 08:00."
    )
    for shift in shifts_of(care.site):
        end_shift(by=SYSTEM, now=NOON, shift=shift)
    add(care, NewShift(time(8), time(9), care.monitor, on=date(2026, 8, 1)))
    assert said_when_unstaffed(care.site, NIGHT) == "Nobody is on duty at your clinic within the next week."
