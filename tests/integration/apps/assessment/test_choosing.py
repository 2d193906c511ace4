"""The decision aid, wishes, talks and prices, written and read as a clinic does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.access import a_user
from tests.factories.choosing import Choosing, a_choice
from tests.factories.people import SYSTEM
from tests.factories.sites import THEN, a_site

from openkap.apps.access.operations import choose_language
from openkap.apps.access.roles import Role
from openkap.apps.assessment import choosing
from openkap.apps.assessment.models import OptionPrice, OptionsTalk, Preferences
from openkap.apps.assessment.operations import end_episode
from openkap.apps.assessment.operations.preferences import (
    Considered,
    Price,
    Wishes,
    note_preferences,
    record_options_talk,
    set_price,
)
from openkap.apps.assessment.options_shown import page_of
from openkap.apps.audit.models import Row
from openkap.apps.knowledge_base.operations import sign_off
from openkap.core.assessment.options import Fit
from openkap.errors import BadInput, NotAllowedNow, Refused
from openkap.knowledge.schema.evidence import Setting

pytestmark = pytest.mark.django_db
LATER = THEN + timedelta(hours=1)


def actions() -> list[str]:
    return list(Row.objects.order_by("id").values_list("action", flat=True))


def test_a_patient_marks_what_matters_and_changes_it() -> None:
    who = a_choice()
    first = note_preferences(
        by=who.account,
        now=THEN,
        patient=who.patient,
        wishes=Wishes(("memory", "soon"), "I teach.", expectancy=7),
    )
    assert first.by_patient
    assert first.matters == ["memory", "soon"]
    again = note_preferences(
        by=who.therapist, now=LATER, patient=who.patient, wishes=Wishes(("soon",), goals="Laugh with my kids.")
    )
    assert not again.by_patient
    assert again.supersedes == first
    assert choosing.latest_preferences(who.patient) == again
    assert Preferences.objects.get(pk=first.pk).matters == ["memory", "soon"]
    assert actions().count("assessment.note-preferences") == 2


def test_saying_the_same_again_changes_nothing() -> None:
    who, wishes = a_choice(), Wishes(("cost",), fears=" losing control ")
    first = note_preferences(by=who.account, now=THEN, patient=who.patient, wishes=wishes)
    assert note_preferences(by=who.prescriber, now=LATER, patient=who.patient, wishes=wishes) == first
    assert first.fears == "losing control"
    assert Preferences.objects.count() == 1
    assert actions().count("assessment.note-preferences") == 1


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        (Wishes(("wealth",)), "matters"),
        (Wishes(expectancy=11), "expectancy"),
        (Wishes(expectancy=-1), "expectancy"),
        (Wishes(goals="x" * 2001), "goals"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(wishes: Wishes, field: str) -> None:
    who = a_choice()
    with pytest.raises(BadInput) as refused:
        note_preferences(by=who.account, now=THEN, patient=who.patient, wishes=wishes)
    assert refused.value.field == field
    assert not Preferences.objects.exists()


def test_another_patient_and_strangers_may_not() -> None:
    who, other = a_choice(), a_choice()
    for user in (other.account, other.prescriber, a_user(Role.RESEARCHER, site=who.site)):
        with pytest.raises(Refused):
            note_preferences(by=user, now=THEN, patient=who.patient, wishes=Wishes(("cost",)))


def test_a_talk_keeps_what_was_shown() -> None:
    who = a_choice()
    aid = choosing.aid_of(who.episode, THEN, tried=choosing.Tried(2))
    talk = record_options_talk(
        by=who.prescriber,
        now=THEN,
        episode=who.episode,
        aid=aid,
        considered=[
            Considered("option-ect", "declined", "fears for her memory"),
            Considered("option-ketamine-iv", "preferred"),
        ],
        note="Went through all of it.",
    )
    kept = {one["record"]: one["version"] for one in talk.shown}
    assert kept["elekt-d-ketamine-response"] == 1
    assert kept["option-tms"] == 1
    assert "three-d-rtms-response" not in kept, "it was not shown"
    assert talk.circumstances["failed_trials"] == 2
    assert talk.circumstances["setting"] == "outpatient"
    assert talk.considered[0] == {
        "option": "option-ect", "standing": "declined", "reason": "fears for her memory",
    }  # fmt: skip
    assert list(choosing.talks_of(who.patient)) == [talk]
    assert actions()[-1] == "assessment.record-options-talk"


def test_a_talk_is_refused_without_options_or_to_others_or_after_the_end() -> None:
    who = a_choice()
    aid = choosing.aid_of(who.episode, THEN)
    good = [Considered("option-ect", "declined")]
    for bad in ([], [Considered("option-anxiety-tablet", "open")], [Considered("option-ect", "maybe")]):
        with pytest.raises(BadInput):
            record_options_talk(by=who.prescriber, now=THEN, episode=who.episode, aid=aid, considered=bad)
    with pytest.raises(Refused):
        record_options_talk(by=who.therapist, now=THEN, episode=who.episode, aid=aid, considered=good)
    end_episode(by=who.prescriber, now=THEN, episode=who.episode, reason="moved away")
    who.episode.refresh_from_db()
    with pytest.raises(NotAllowedNow):
        record_options_talk(by=who.prescriber, now=THEN, episode=who.episode, aid=aid, considered=good)
    assert not OptionsTalk.objects.exists()


def test_the_latest_price_counts_and_can_be_taken_back() -> None:
    who = a_choice()
    coordinator = who.coordinator
    for amount, note in (("180", ""), ("190.50", "not covered")):
        set_price(
            by=coordinator,
            now=THEN,
            site=who.site,
            option_id="option-ketamine-iv",
            price=Price(Decimal(amount), "usd", "visit", note),
        )
    price = choosing.prices_at(who.site)["option-ketamine-iv"]
    assert (price.amount, price.currency, price.note) == (Decimal("190.50"), "USD", "not covered")
    assert choosing.prices_at(a_site()) == {}
    set_price(by=coordinator, now=LATER, site=who.site, option_id="option-ketamine-iv", price=Price(None))
    assert choosing.prices_at(who.site) == {}
    assert OptionPrice.objects.count() == 3


@pytest.mark.parametrize(
    "price",
    [
        Price(Decimal(-1), "USD", "visit"),
        Price(Decimal(1), "dollars", "visit"),
        Price(Decimal(1), "", "visit"),
        Price(Decimal(1), "USD", "hour"),
    ],
)
def test_half_a_price_is_refused(price: Price) -> None:
    who = a_choice()
    with pytest.raises(BadInput):
        set_price(by=who.coordinator, now=THEN, site=who.site, option_id="option-ect", price=price)
    with pytest.raises(Refused):
        set_price(
            by=who.therapist,
            now=THEN,
            site=who.site,
            option_id="option-ect",
            price=Price(Decimal(1), "USD", "visit"),
        )
    assert not OptionPrice.objects.exists()


def test_a_price_nobody_entered_reads_ask_the_clinic() -> None:
    who = a_choice()
    set_price(
        by=SYSTEM, now=THEN, site=who.site, option_id="option-ect", price=Price(Decimal(1200), "EUR", "course")
    )
    page = page_of(choosing.aid_of(who.episode, THEN), choosing.prices_at(who.site))
    prices = {one.id: one.price for one in page.all_options}
    assert prices["option-ect"] is not None
    assert prices["option-ect"].amount == "1,200 EUR the whole course"
    assert prices["option-tms"] is None


def test_without_a_history_the_number_of_medicines_is_not_known() -> None:
    who = a_choice()
    assert choosing.tried_by(who.patient, THEN) == choosing.Tried()
    aid = choosing.aid_of(who.episode, THEN).aid
    assert aid.circumstances.failed_trials is None
    assert aid.circumstances.age == 42
    assert all(one.response is None or one.response.fit is not Fit.NO for one in aid.options)


def test_the_setting_asked_for_decides() -> None:
    who = a_choice()
    inside = choosing.aid_of(who.episode, THEN, Setting.INPATIENT).aid
    ketamine = next(one for one in inside.options if one.option.id == "option-ketamine-iv")
    assert ketamine.remission is not None
    assert ketamine.remission.figure.setting is Setting.INPATIENT


# ---- pages


def get(user: object, name: str, who: Choosing, **asked: str) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    answer = client.get(reverse(name, args=[who.patient.public_id]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_figures_with_source_and_says_where_there_is_none() -> None:
    who = a_choice()
    html = get(who.prescriber, "assessment:options", who, failed="2")
    assert "Anand A et al. N Engl J Med 2023;388:2315-2325" in html
    assert "very likely between 48 and 62" in html
    assert "No figure found" in html
    assert "wait for the medical director" in html
    assert "205 people" not in html, "from memory, not signed off"
    assert html.count('<svg class="people"') > 6
    sign_off(
        by=who.director,
        now=THEN,
        record_id="three-d-rtms-response",
        version=1,
        site=who.site,
        adopted=True,
    )
    assert "205 people" in get(who.prescriber, "assessment:options", who, failed="2")
    assert actions().count("assessment.read-options") == 2


def test_no_number_of_people_stands_without_its_source() -> None:
    who = a_choice()
    html = get(who.prescriber, "assessment:options", who, failed="2")
    for chance in html.split('<div class="chance">')[1:]:
        assert '<details class="source">' in chance.split("</div></details></div>")[0]


def test_nonsense_in_the_address_counts_as_not_asked() -> None:
    who = a_choice()
    assert "not known how many medicines" in get(
        who.prescriber, "assessment:options", who, failed="many", setting="moon"
    )


def test_before_an_indication_the_page_says_what_to_do() -> None:
    who = a_choice()
    end_episode(by=who.prescriber, now=THEN, episode=who.episode, reason="moved away")
    assert "No indication yet" in get(who.prescriber, "assessment:options", who)
    client = Client()
    client.force_login(who.prescriber)
    answer = client.post(reverse("assessment:options-talk", args=[who.patient.public_id]), {})
    assert answer.status_code in {302, 400, 409}


def test_wishes_and_talk_are_entered_on_the_page() -> None:
    who = a_choice()
    client = Client()
    client.force_login(who.prescriber)
    address = reverse("assessment:preferences", args=[who.patient.public_id])
    answer = client.post(address, {"matters": ["memory"], "fears": "losing control", "expectancy": "6"})
    assert answer.status_code == 302
    said = choosing.latest_preferences(who.patient)
    assert said is not None
    assert (said.matters, said.expectancy, said.by_patient) == (["memory"], 6, False)
    assert client.post(address, {"expectancy": "12"}).status_code == 400
    talk = reverse("assessment:options-talk", args=[who.patient.public_id]) + "?failed=2&setting=inpatient"
    answer = client.post(talk, {"option-ect": "open", "note": "to think over"})
    assert answer.headers["Location"].endswith("?failed=2&setting=inpatient")
    kept = choosing.talks_of(who.patient).get()
    assert kept.circumstances["setting"] == "inpatient"
    assert kept.considered == [{"option": "option-ect", "standing": "open", "reason": ""}]
    assert client.post(talk, {"note": "nothing"}).status_code == 400


def test_the_patient_sees_the_same_figures_and_none_of_the_staffs_frame() -> None:
    who = a_choice()
    client = Client()
    client.force_login(who.account)
    html = client.get(reverse("web:portal-options")).content.decode()
    assert "Anand A et al." in html
    assert "wait for the medical director" not in html
    assert "Record a talk" not in html
    answer = client.post(reverse("web:portal-options"), {"matters": ["few-visits"], "expectancy": "4"})
    assert answer.status_code == 302
    said = choosing.latest_preferences(who.patient)
    assert said is not None
    assert said.by_patient
    assert client.post(reverse("web:portal-options"), {"expectancy": "44"}).status_code == 400
    assert "assessment.read-options" in actions()


def test_the_patient_reads_it_in_spanish() -> None:
    who = a_choice()
    client = Client()
    client.force_login(who.account)
    choose_language(by=who.account, now=THEN, language="es")
    html = client.get(reverse("web:portal-options")).content.decode()
    assert "Ketamina por goteo" in html
    assert "Puede que no ayude" in html
    assert "Ketamine by drip" not in html


def test_prices_are_entered_by_site() -> None:
    who = a_choice()
    client = Client()
    client.force_login(who.coordinator)
    assert who.site.name in client.get(reverse("assessment:prices")).content.decode()
    address = reverse("assessment:price", args=[who.site.public_id, "option-esketamine"])
    answer = client.post(address, {"amount": "40", "currency": "usd", "per": "visit", "note": "covered"})
    assert answer.status_code == 302
    assert choosing.prices_at(who.site)["option-esketamine"].currency == "USD"
    assert "40 USD a visit" in get(who.prescriber, "assessment:options", who)
    assert client.post(address, {"amount": "40", "currency": "", "per": "visit"}).status_code == 400
    elsewhere = reverse("assessment:price", args=[a_site().public_id, "option-esketamine"])
    assert client.get(elsewhere).status_code == 404
    unknown = reverse("assessment:price", args=[who.site.public_id, "option-magic"])
    assert client.get(unknown).status_code == 404
