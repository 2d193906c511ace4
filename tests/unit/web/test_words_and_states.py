"""Small parts of the pages: states, initials, severity bands, what a change means, chips, error words."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest
from django.forms import CharField, CheckboxInput, ChoiceField, Form, RadioSelect
from django.template import Context, Template

from openkap.apps.access.roles import Permission
from openkap.apps.measures.queries import BandShown
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.web import assets, status
from openkap.web.context import initials_of
from openkap.web.course_of import amount_words, bands_of
from openkap.web.course_scores import bands_of as severity_bands
from openkap.web.course_scores import change_note
from openkap.web.course_therapy import short
from openkap.web.figures.marks import since
from openkap.web.navigation import DESTINATIONS, destinations_for, exists
from openkap.web.views.errors import status_of


@pytest.mark.parametrize(
    ("name", "initials"), [("Elena Marsh", "EM"), ("Ana María de la Cruz", "AC"), ("Prince", "P"), ("", "")]
)
def test_initials_are_of_the_first_and_last_word(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_an_unknown_state_is_shown_as_not_known_never_as_fine() -> None:
    assert status.lookup("no-such-state").name == "unknown"


def test_every_state_has_an_icon_that_exists_and_a_word() -> None:
    for one in status.STATUSES.values():
        assert assets.icon_drawing(one.icon), one.icon
        assert str(one.word)


def test_every_destination_has_an_icon_that_exists() -> None:
    for destination in DESTINATIONS:
        assert assets.icon_drawing(destination.icon), destination.icon


def test_an_unknown_icon_draws_nothing_and_reads_no_file() -> None:
    assert assets.icon_drawing("no-such-icon") == ""
    assert assets.icon_drawing("../../../../etc/passwd") == ""


def test_without_permissions_there_is_nowhere_to_go() -> None:
    assert destinations_for(frozenset()) == []
    assert [d.path for d in destinations_for(frozenset({Permission.SIGNED_IN}))] == ["/", "/settings/"]


def test_a_page_that_does_not_exist_is_not_offered() -> None:
    assert exists("/settings/")
    assert not exists("/no/such/page/")


def render(template: str, **values: object) -> str:
    return Template("{% load ui %}" + template).render(Context(values))


def test_a_state_is_icon_and_word() -> None:
    html = render('{% status "due" word %}', word="Due in <8> min")
    assert 'data-status="due"' in html
    assert "<svg" in html
    assert "Due in &lt;8&gt; min" in html


def test_what_is_missing_is_said() -> None:
    assert "Not known" in render("{% unknown %}")


def test_units_are_smaller_than_their_numbers() -> None:
    assert render('{% quantity 35 "mg" %}') == '<span class="nowrap">35<span class="unit">mg</span></span>'


class Sample(Form):
    name = CharField(help_text="As on the passport.")
    where = ChoiceField(choices=[("a", "A"), ("b", "B")], widget=RadioSelect)
    agreed = CharField(widget=CheckboxInput, required=False)


def form_html(data: dict[str, str] | None) -> str:
    return render('{% include "components/form_fields.html" %}', form=Sample(data))


def test_a_field_names_its_hint_and_its_error_for_screen_readers() -> None:
    blank, wrong = form_html(None), form_html({"name": ""})
    assert 'aria-describedby="id_name_hint"' in blank
    assert 'aria-describedby="id_name_hint id_name_error"' in wrong
    assert 'aria-invalid="true"' in wrong
    assert 'id="id_name_error"' in wrong
    assert 'aria-invalid="true"' not in blank


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    html = form_html(None)
    assert "<legend>Where" in html
    assert html.count('class="form-check-input"') >= 2


SHOWN = [BandShown(0, "minimal"), BandShown(5, "mild"), BandShown(10, "moderate")]


def test_a_band_reaches_to_just_under_the_next() -> None:
    found = severity_bands(SHOWN, 27, rising=True)
    assert [(band.low, band.high) for band in found] == [(0, 4), (5, 9), (10, 27)]


def test_where_more_is_better_the_order_is_turned() -> None:
    assert severity_bands(SHOWN, 27, rising=False)[0].label == "moderate"


def test_without_bands_there_are_none() -> None:
    assert severity_bands([], 27, rising=True) == ()


@pytest.mark.parametrize(
    ("points", "reliable", "words"),
    [
        (-10, True, "down 10: reliable"),
        (7, True, "up 7: reliable"),
        (-3, False, "no reliable change"),
        (0, False, "unchanged"),
        (-10, None, ""),
    ],
)
def test_what_a_change_means_is_said_only_where_it_is_established(
    points: int, reliable: bool | None, words: str
) -> None:
    change = SimpleNamespace(points=points, reliable=SimpleNamespace(met=reliable))
    assert change_note(SimpleNamespace(change=change)) == words  # type: ignore[arg-type]


def test_before_a_change_nothing_is_said() -> None:
    assert change_note(SimpleNamespace(change=None)) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(("hours", "words"), [(0.4, "0 h"), (25.4, "25 h"), (72.0, "72 h"), (96.0, "4 d")])
def test_hours_become_days_when_they_are_many(hours: float, words: str) -> None:
    assert since(hours) == words


@pytest.mark.parametrize(
    ("words", "shown"), [("EMDR", "EMDR"), ("EMDR, IFS", "EMDR, IFS"), ("x" * 30, "x" * 15 + "…")]
)
def test_words_on_a_chip_are_short(words: str, shown: str) -> None:
    assert short(words) == shown


@pytest.mark.parametrize(
    ("given", "route", "words"), [(35, "iv", "35 mg IV"), (34.96, "im", "35 mg IM"), (28.4, "xx", "28.4 mg xx")]
)
def test_amounts_are_said_as_people_write_them(given: float, route: str, words: str) -> None:
    assert amount_words(given, route) == words


@pytest.mark.parametrize(
    ("error", "status_code"),
    [(NotFound(""), 404), (Refused(""), 403), (NotAllowedNow(""), 409), (BadInput(""), 400)],
)
def test_each_kind_of_error_has_its_status(error: Exception, status_code: int) -> None:
    assert status_of(error) == status_code  # type: ignore[arg-type]


@dataclass
class Planned:
    kind: str
    on: date


def test_parts_of_a_plan_without_doses_are_assessment_and_follow_up() -> None:
    visits = [Planned("assessment", date(2027, 1, 1)), Planned("check-in", date(2027, 2, 1))]
    found = list(bands_of(visits, date(2027, 1, 15)))  # type: ignore[arg-type]
    assert [(band.first, band.last) for band in found] == [
        (date(2027, 1, 1), date(2027, 1, 31)),
        (date(2027, 2, 1), date(2027, 2, 1)),
    ]
    assert [band.current for band in found] == [True, False]
    assert [band.planned for band in found] == [False, True]


def test_no_visits_make_no_parts() -> None:
    assert list(bands_of([], date(2027, 1, 1))) == []
