"""Two at once: a link is opened by one, and a message is sent by one worker."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import invited, let_in, opened
from tests.factories.sites import THEN, a_site

from openkap.adapters.mail.fake import FakeMail
from openkap.adapters.sms.fake import FakeSms
from openkap.apps.intake import operations as intake
from openkap.apps.intake.models import Intake
from openkap.apps.messages import operations as messages
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.sending import Ports, send_due
from openkap.apps.portal.operations import Door
from openkap.apps.tasks.queries import open_tasks_about

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def all_at_once(act: Callable[[], Any]) -> list[Any]:
    """What each of several threads got that began together."""
    barrier = Barrier(AT_ONCE)

    def run(_number: int) -> Any:
        try:
            barrier.wait(timeout=60)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_a_link_is_opened_by_one(settings: Any) -> None:
    link = invited(a_patient(a_site("Alder House")))
    doors = [attempt.door for attempt in all_at_once(lambda: opened(link))]
    assert sorted(doors) == sorted([Door.OPEN, *[Door.VOID] * (AT_ONCE - 1)])


def test_each_message_is_sent_by_one_worker(settings: Any) -> None:
    settings.MAIL_READY = True
    patient = a_patient(a_site("Alder House", "UTC"), email="elena@example.org")
    messages.choose_channel(by=SYSTEM, now=THEN, patient=patient, channel=Channel.MAIL, allowed=True)
    noon = THEN.replace(hour=12)
    for number in range(12):
        messages.write_to_patient(by=SYSTEM, now=noon, patient=patient, wording="reminder", key=str(number))
    letters: list[str] = []

    class Counting(FakeMail):
        def send(self, letter: Any) -> None:
            letters.append(letter.key)

    ports = Ports(mail=Counting(), sms=FakeSms())
    assert sum(all_at_once(lambda: send_due(now=noon, ports=ports))) == 12
    assert len(letters) == len(set(letters)) == 12


def test_an_intake_handed_in_several_times_at_once_is_handed_in_once() -> None:
    patient = a_patient(a_site("Alder House"))
    user = let_in(patient, THEN)
    begun = intake.begin_intake(by=SYSTEM, now=THEN, patient=patient)
    intake.keep_answers(by=user, now=THEN, intake=begun, answers={"brings": "sleep"})
    states = all_at_once(
        lambda: intake.send_intake(by=user, now=THEN, intake=Intake.objects.get(pk=begun.pk)).state
    )
    assert states == ["sent"] * AT_ONCE
    assert open_tasks_about(patient).count() == 1
