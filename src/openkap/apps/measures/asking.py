"""Questions as their patient is shown them: words in the language of the form, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from openkap.apps.measures import fillings
from openkap.apps.measures.concern import is_about_danger
from openkap.apps.measures.forms import offered_answers
from openkap.apps.measures.models import Filling
from openkap.core.psychometrics import Answer, NotAnswered, asked_items, in_language
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Instrument, Item

RATHER_NOT = NotAnswered.REFUSED.value


@dataclass(frozen=True)
class Shown:
    """One question. `chosen` is the answer so far as text; `asked`: None while an answer before it decides."""

    item: Item
    name: str
    lead: str
    text: str
    choices: list[tuple[str, str]]
    chosen: str
    is_scale: bool
    low: str
    high: str
    asked: bool | None
    about_danger: bool
    may_leave_out: bool

    @property
    def refused(self) -> bool:
        return self.chosen == RATHER_NOT


def field_name(item: Item) -> str:
    """What the answer is called where all questions stand on one page."""
    return f"q-{item.id}"


def shown(filling: Filling, instrument: Instrument, item: Item, given: Mapping[str, Answer]) -> Shown:
    """One question of a form that is being filled in."""
    language = filling.language
    lead = item.lead or instrument.stem
    scale = instrument.scales.get(item.choices)
    return Shown(
        item=item,
        name=field_name(item),
        lead=in_language(lead, language) or "" if lead else "",
        text=in_language(item.text, language) or "" if item.text else "",
        choices=_choices(instrument, item, language),
        chosen=text_of(given.get(item.id)),
        is_scale=scale is not None,
        low=in_language(scale.low, language) or "" if scale else "",
        high=in_language(scale.high, language) or "" if scale else "",
        asked=asked_items(instrument, given).get(item.id, True),
        about_danger=is_about_danger(instrument, item),
        may_leave_out=item in instrument.unscored_items,
    )


def all_shown(filling: Filling, instrument: Instrument) -> list[Shown]:
    """Every question there is in the form, those among them that may not be put."""
    given = fillings.answers_so_far(filling)
    items = (*instrument.items, *instrument.unscored_items)
    return [shown(filling, instrument, item, given) for item in items]


def text_of(answer: Answer | None) -> str:
    """An answer as forms send it; '' for none."""
    if answer is None:
        return ""
    return answer.value if isinstance(answer, NotAnswered) else str(answer)


def _choices(instrument: Instrument, item: Item, language: str) -> list[tuple[str, str]]:
    return [
        (value, in_language(choice.label, language) or words)
        for (value, words), choice in zip(
            offered_answers(instrument, item, language), instrument.choices_of(item), strict=True
        )
    ]


def answer_from(text: str) -> Answer:
    """The answer in what a form sends. Raises `BadInput`."""
    if text == RATHER_NOT:
        return NotAnswered.REFUSED
    try:
        return int(text)
    except ValueError:
        raise BadInput(_("Choose one of the answers."), field="answer") from None


def attribution_of(instrument: Instrument, language: str) -> str:
    """Whom the form names as its authors; '' where its licence asks for nobody."""
    evidence = instrument.licence_evidence
    return in_language(evidence.attribution, language) or "" if evidence else ""
