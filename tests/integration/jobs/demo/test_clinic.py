"""The demonstration clinic: alive today, whole, made once."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from pytest_django.fixtures import Settings
from tests.factories.sites import a_site

from openkap.apps.access.models import Membership, User
from openkap.apps.access.roles import Role
from openkap.apps.assessment.choosing import latest_preferences, talks_of
from openkap.apps.assessment.models import MethodChoice, OptionPrice
from openkap.apps.audit.models import Row
from openkap.apps.chart.queries import allergies_of, medications_of
from openkap.apps.dosing.models import Event, Session
from openkap.apps.people.models import Patient
from openkap.apps.sites.models import Site
from openkap.apps.tasks.models import Alert
from openkap.apps.therapy.models import IntegrationNote
from openkap.cli import main
from openkap.errors import NotAllowedNow
from openkap.jobs import demo
from openkap.jobs.demo import sign_ins
from openkap.jobs.demo.names import FAMILY, names
from openkap.jobs.demo.personas import STORIES, Story, personas
from openkap.jobs.demo.scores import ITEMS, answers, total_after

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)  # a Saturday: the made-up clinic is open all the same


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.setenv("OPENKAP_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.django_db
def test_a_small_clinic_is_whole_and_its_day_is_under_way() -> None:
    shares: list[float] = []
    clinic = demo.build(now=NOW, seed=3, count=5, progress=shares.append)
    assert Site.objects.count() == len(clinic.sites) == 2
    assert set(Role) == {Role(role) for role in Membership.objects.values_list("role", flat=True)}
    assert Patient.objects.count() == 5
    (own,) = [one for one in clinic.sign_ins if one.role == "Patient"]
    assert Patient.objects.get(user__email=own.email).user.check_password(own.password)
    assert shares == sorted(shares)

    running = Session.objects.filter(ended_at__isnull=True)
    assert running.count() >= 2
    for session in running:
        assert session.visit.on == NOW.astimezone(ZoneInfo(session.site.time_zone)).date()
    assert not Event.objects.filter(status="rejected").exists()
    assert Session.objects.filter(signed_at__isnull=False).exists()
    assert IntegrationNote.objects.filter(window_place="first").exists()
    alarm = Alert.objects.get(acknowledged_at__isnull=True)
    assert NOW - alarm.raised_at == timedelta(minutes=12)

    for patient in Patient.objects.all():  # each brought a chart along, allergies asked about
        assert allergies_of(patient)
        assert medications_of(patient)

    assert OptionPrice.objects.exists()
    for choice in MethodChoice.objects.select_related("patient"):  # who chose a method has chosen an option too
        said, talk = latest_preferences(choice.patient), talks_of(choice.patient).first()
        assert said is not None
        assert said.goals
        assert talk is not None
        assert talk.shown
    assert MethodChoice.objects.filter(agreement="first").exists()

    assert not Row.objects.filter(occurred_at__gt=NOW).exists()
    times = list(Row.objects.order_by("id").values_list("occurred_at", flat=True))
    assert times == sorted(times)  # the trail is written in the order of time

    assert demo.exists()
    assert demo.is_demonstration()
    with pytest.raises(NotAllowedNow):
        demo.build(now=NOW, count=1)


@pytest.mark.django_db
def test_the_command_prints_and_keeps_the_sign_ins_and_makes_the_clinic_once(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--patients", "1", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["made"]
    prescriber = next(one for one in made["sign_ins"] if one["email"] == "prescriber@demo.example")
    assert User.objects.get(email="prescriber@demo.example").check_password(prescriber["password"])
    kept = home / sign_ins.FILE
    assert prescriber["password"] in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    patients = Patient.objects.count()
    assert main(["demo"]) == 0
    assert prescriber["password"] in capsys.readouterr().out
    assert Patient.objects.count() == patients


@pytest.mark.django_db
def test_a_real_clinic_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    a_site()
    assert main(["demo"]) == 1
    assert "no demonstration" in capsys.readouterr().err
    assert not User.objects.exists()


def test_the_same_seed_makes_the_same_people() -> None:
    def people(seed: int) -> object:
        return personas(Random(seed), 60, NOW.date())

    assert people(1) == people(1)
    assert people(1) != people(2)


def test_sixty_people_are_spread_over_the_stories_and_nobody_has_another_s_name() -> None:
    people = personas(Random(1), 60, NOW.date())
    assert {persona.story for persona in people} == set(Story)
    assert len(people) == sum(share for _story, share in STORIES) == 60
    assert len({(p.given_name, p.family_name) for p in people}) == 60
    assert len({p.response for p in people}) >= 4
    assert len({family for _given, family, _sex in names(Random(1), len(FAMILY))}) == len(FAMILY)


def test_answers_add_up() -> None:
    random = Random(1)
    persona = personas(random, 1, NOW.date())[0]
    for instrument, items in ITEMS.items():
        for progress in (0, 0.3, 0.7, 1):
            total = total_after(persona, instrument, progress, random)
            given = answers(instrument, total, random, ideation=1)
            assert len(given) == items
            assert sum(given.values()) == total
            assert set(given.values()) <= {0, 1, 2, 3}
