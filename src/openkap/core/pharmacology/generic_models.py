"""One, two and three compartments with a depot and a metabolite, by parameters.

Compartments are numbered as the field does: the depot, where there is one, is 1 and the central compartment
follows; then the peripheral ones; the metabolite is last.
"""

import re
from dataclasses import dataclass

from openkap.errors import BadInput
from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.pk_model import Flow

_FORM = re.compile(r"(?P<count>[123])cmt(?P<depot>\+depot)?(?P<metabolite>\+metab)?")
_ALIASES = {"V": "V1", "Q": "Q2", "VC": "V1"}


@dataclass(frozen=True)
class GenericModel:
    """A structure by name: its compartments in the order of their numbers, flows, and each one's volume."""

    structure: str
    compartments: tuple[str, ...]
    flows: tuple[Flow, ...]
    volumes: dict[str, str]
    required: tuple[str, ...]

    @property
    def central(self) -> int:
        """The number of the central compartment, from 1."""
        return self.compartments.index("central") + 1

    @property
    def optional(self) -> dict[str, float]:
        """Parameters that may be left out, and what they then are."""
        found = {"FM": 1.0} if "metabolite" in self.compartments else {}
        for number in range(1, len(self.compartments) + 1):
            found |= {f"F{number}": 1.0, f"ALAG{number}": 0.0}
        return found

    @property
    def modelled(self) -> frozenset[str]:
        """Durations and rates of inputs, needed only where a record asks for them."""
        numbers = range(1, len(self.compartments) + 1)
        return frozenset(f"{letter}{number}" for letter in "DR" for number in numbers)

    def name_of(self, given: str) -> str:
        """The parameter a given name means. Raises `BadInput` for one this structure does not have."""
        name = _ALIASES.get(given.upper(), given.upper())
        if name not in {*self.required, *self.optional, *self.modelled}:
            known = ", ".join((*self.required, *self.optional))
            raise BadInput(f"{self.structure} has no parameter '{given}'; it has {known}.", field=given)
        return name


def generic_model(text: str) -> GenericModel:
    """Read '2cmt+depot+metab'. Raises `BadInput`."""
    found = _FORM.fullmatch(text.strip().lower())
    if found is None:
        raise BadInput(
            f"'{text}' is not a structure; write 1cmt, 2cmt or 3cmt, then +depot and +metab.", field="structure"
        )
    peripheral = range(2, int(found["count"]) + 1)
    compartments = ["depot"] if found["depot"] else []
    compartments += ["central", *(f"peripheral{i}" for i in peripheral)]
    compartments += ["metabolite"] if found["metabolite"] else []
    required = ["CL", "V1", *(name for i in peripheral for name in (f"Q{i}", f"V{i}"))]
    required += (["KA"] if found["depot"] else []) + (["CLM", "VM"] if found["metabolite"] else [])
    volumes = {"central": "V1", "metabolite": "VM"} | {f"peripheral{i}": f"V{i}" for i in peripheral}
    return GenericModel(
        text.strip().lower(), tuple(compartments), _flows(compartments, peripheral), volumes, tuple(required)
    )


def _flows(compartments: list[str], peripheral: range) -> tuple[Flow, ...]:
    flows = [("depot", "central", "KA")] if "depot" in compartments else []
    if "metabolite" in compartments:
        flows += [
            ("central", "metabolite", "FM * CL / V1"),
            ("central", "", "(1 - FM) * CL / V1"),
            ("metabolite", "", "CLM / VM"),
        ]
    else:
        flows += [("central", "", "CL / V1")]
    for i in peripheral:
        flows += [
            ("central", f"peripheral{i}", f"Q{i} / V1"),
            (f"peripheral{i}", "central", f"Q{i} / V{i}"),
        ]
    return tuple(Flow(source=a, to=b or None, rate=Expression(rate)) for a, b, rate in flows)
