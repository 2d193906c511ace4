"""Wording packs: the words of an instrument that a site may use under its own licence. Never shipped.

A pack is the instrument's record as in `instruments/`, with the items and `wording: local-pack`, in a file that
the site keeps. It may add words, items and how they are scored; what the package's record says the score is,
its range and version, it may not change.
"""

from typing import Final

import yaml
from pydantic import ValidationError

from openkap.errors import BadInput
from openkap.knowledge.loader import parse_yaml
from openkap.knowledge.schema.instrument import Instrument, Wording

LARGEST: Final = 200_000  # bytes; the longest questionnaire is a tenth of it
_MUST_AGREE: Final = (
    "id", "version", "respondent", "scoring", "decimals", "range", "has_total", "higher_is_worse",
)  # fmt: skip


def read_pack(raw: bytes) -> Instrument:
    """The instrument of a pack. Raises `BadInput` naming what is wrong with the file."""
    if len(raw) > LARGEST:
        raise BadInput("The file is too large for a questionnaire.")
    try:
        pack = Instrument.model_validate(parse_yaml(raw.decode("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the record"
        raise BadInput(f"{place}: {first['msg']}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput("The file is not readable as YAML in UTF-8.") from error
    if pack.wording is not Wording.LOCAL_PACK or not pack.items:
        raise BadInput("A pack says 'wording: local-pack' and has the items with their words.")
    return pack


def check_pack(pack: Instrument, known: Instrument) -> None:
    """Refuse a pack that is of another instrument than `known`, or scores it otherwise. Raises `BadInput`."""
    if known.wording is Wording.SHIPPED:
        raise BadInput(f"The words of {known.abbreviation} are here already.")
    for name in _MUST_AGREE:
        if getattr(pack, name) != getattr(known, name):
            raise BadInput(f"{name} is not that of {known.abbreviation} here.")
