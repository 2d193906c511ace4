"""Wording packs: the words of an instrument that a site may use under its own licence. Never shipped.

A pack is the instrument's record as in `instruments/`, with the items and `wording: local-pack`, in a file that
the site keeps. It brings the words, the items and how they add up; what the score is and what it is called
stays as the package's record says.
"""

from datetime import date
from typing import Final

import yaml
from pydantic import ValidationError

from openkap.errors import BadInput
from openkap.knowledge.faults import faults_of, named, unreadable
from openkap.knowledge.loader import parse_yaml
from openkap.knowledge.schema.instrument import Instrument, Subscale, Wording

LARGEST: Final = 200_000  # bytes; the longest questionnaire is a tenth of it
DEEPEST: Final = 20  # levels; an outcome's conditions are the deepest, at seven
_NOT_KEPT: Final = {"licence", "wording", "licence_evidence", "examples", "bands", "notes", "reviewed_by"}
_TO_FILL_IN: Final = """licence: 'WRITE HERE: contract, letter or permission'
wording: local-pack
licence_evidence:
  holder: 'WRITE HERE: who owns the words'
  statement: 'WRITE HERE: the very words of the permission'
  read_at: 'WRITE HERE: where you read them'
  read_on: {today}
  attribution:
    en: 'WRITE HERE: what is to stand under the form'
stem:
  en: 'WRITE HERE: the words over all questions; or take both lines out'
choices:
  answers:  # every answer with its points; for another list of answers, another name
    - {{value: 0, label: {{en: 'WRITE HERE'}}}}
    - {{value: 1, label: {{en: 'WRITE HERE'}}}}
items:  # one line a question, in order; 'reverse: true' where it counts the other way round
  - {{id: '1', choices: answers, text: {{en: 'WRITE HERE'}}}}
  - {{id: '2', choices: answers, text: {{en: 'WRITE HERE'}}}}
missing: {{at_most: 0}}  # how many answers may be missing
examples:  # filled forms whose score you know; at least one
  - {{answers: '0,0', total: 0}}
"""
_MUST_AGREE: Final = (
    "id", "version", "respondent", "scoring", "decimals", "range", "has_total", "higher_is_worse",
    "recall_days",
)  # fmt: skip


def read_pack(raw: bytes) -> Instrument:
    """The instrument of a pack. Raises `BadInput` naming what is wrong with the file."""
    if len(raw) > LARGEST:
        raise BadInput(
            "The file is too large for a questionnaire: the most is %(most)s kB.", most=LARGEST // 1000
        )
    try:
        text = raw.decode("utf-8")
        _check_filled_in(text)
        _check_shape(text)
        content = parse_yaml(text)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise BadInput(unreadable(error)) from error
    if not isinstance(content, dict):
        raise BadInput("The file is no record: it has no fields such as 'id:' and 'items:'.")
    try:
        pack = Instrument.model_validate(content)
    except ValidationError as error:
        raise BadInput(named(faults_of(error))) from error
    if pack.wording is not Wording.LOCAL_PACK or not pack.items:
        raise BadInput("A pack says 'wording: local-pack' and has the items with their words.")
    return pack


def _check_filled_in(text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if "WRITE HERE" in line:
            raise BadInput("Line %(number)s of the file still says WRITE HERE.", number=number)


def _check_shape(text: str) -> None:
    """Refuse what no questionnaire needs and what would cost the reader its stack: depth, and references."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadInput("A pack is written out in full, without the references of YAML (& and *).")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise BadInput("The file is nested too deeply for a questionnaire.")


def check_pack(pack: Instrument, known: Instrument) -> None:
    """Refuse a pack that is of another instrument than `known`, or scores it otherwise. Raises `BadInput`."""
    if known.wording is Wording.SHIPPED:
        raise BadInput("The words of %(form)s are here already.", form=known.abbreviation)
    for name in _MUST_AGREE:
        if getattr(pack, name) != getattr(known, name):
            raise BadInput("%(name)s is not that of %(form)s here.", name=name, form=known.abbreviation)
    if {part.id: part.range for part in pack.subscales} != {part.id: part.range for part in known.subscales}:
        raise BadInput(
            "The subscales are not those of %(form)s here, or their ranges differ.", form=known.abbreviation
        )
    if pack.bands not in (None, known.bands):
        raise BadInput(
            "bands are not those of %(form)s here: leave them out of the pack.", form=known.abbreviation
        )
    if not any(example.answers and not example.refused for example in pack.examples):
        raise BadInput("A pack needs worked examples: answers, and the score that must come out.")


def starting_file(known: Instrument, today: date) -> str:
    """A pack to be filled in: what stays as the record has it, and where the words, answers and examples go."""
    kept = known.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_KEPT)
    for part in kept.get("subscales", []):
        part["items"], part["missing"] = ["WRITE HERE: its questions"], {"at_most": 0}
    head = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100)
    return head + _TO_FILL_IN.format(today=today.isoformat())


def with_words(known: Instrument, pack: Instrument) -> Instrument:
    """The package's record with the words, items and counting of a pack of the same version."""
    parts = {part.id: part for part in pack.subscales}
    return known.model_copy(
        update={
            "wording": pack.wording,
            "licence": pack.licence,
            "licence_evidence": pack.licence_evidence,
            "stem": pack.stem,
            "choices": pack.choices,
            "scales": pack.scales,
            "items": pack.items,
            "unscored_items": pack.unscored_items,
            "missing": pack.missing,
            "subscales": tuple(_counted(part, parts[part.id]) for part in known.subscales),
            "outcomes": known.outcomes or pack.outcomes,
        }
    )


def _counted(known: Subscale, pack: Subscale) -> Subscale:
    return known.model_copy(update={"items": pack.items, "missing": pack.missing})
