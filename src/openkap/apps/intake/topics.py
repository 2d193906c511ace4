"""What an intake asks, one topic a screen, and where each answer would go in the record.

Nothing here is compulsory: what somebody cannot answer, they leave, and a person asks them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Goes(StrEnum):
    """Where an answer goes once a member of staff has accepted it."""

    DETAILS = "details"  # a field of the patient's details of the same name
    CONDITIONS = "conditions"  # one line each into the chart
    MEDICINES = "medicines"
    ALLERGIES = "allergies"
    NO_ALLERGIES = "no-allergies"
    TOLD = "told"  # kept as told, in their own words


@dataclass(frozen=True)
class Field:
    """One question. `kind`: 'text', 'long', 'lines' (one thing on each line), 'tick', 'choice'."""

    name: str
    label: Words
    goes: Goes = Goes.TOLD
    kind: str = "text"
    hint: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()
    autocomplete: str = ""
    input_type: str = "text"


@dataclass(frozen=True)
class Topic:
    """One screen."""

    id: str
    title: Words
    lead: Words
    fields: tuple[Field, ...]
    icon: str = "circle-dot"


TOPICS: tuple[Topic, ...] = (
    Topic(
        "you", _("You"), _("As in your papers, and as you would like to be spoken to."),
        (
            Field("given_name", _("Given names"), Goes.DETAILS, autocomplete="given-name"),
            Field("family_name", _("Family name"), Goes.DETAILS, autocomplete="family-name"),
            Field(
                "pronouns", _("Pronouns"), Goes.DETAILS,
                hint=_("Such as she or they, if you would like us to know."),
            ),
        ),
    ),
    Topic(
        "reach", _("How we reach you"), _("We never say in a message what it is about."),
        (
            Field("phone", _("Mobile or other telephone"), Goes.DETAILS, autocomplete="tel", input_type="tel"),
            Field("email", _("E-mail"), Goes.DETAILS, autocomplete="email", input_type="email"),
            Field("address", _("Address"), Goes.DETAILS, "long", autocomplete="street-address"),
        ),
    ),
    Topic(
        "someone", _("Someone of yours"), _("Whom may we call in an emergency? Ask them first."),
        (
            Field("contact_name", _("Their name"), Goes.DETAILS, autocomplete="off"),
            Field("contact_phone", _("Their telephone"), Goes.DETAILS, autocomplete="off", input_type="tel"),
            Field("contact_relation", _("Who they are to you"), Goes.DETAILS, hint=_("Such as sister.")),
        ),
    ),
    Topic(
        "why", _("What brings you"), _("In your own words. A few lines are enough; we talk about it."),
        (Field("brings", _("What would you like to be different?"), kind="long"),),
    ),
    Topic(
        "health", _("Your health"), _("Illnesses you have or had, in body and mind. One on each line."),
        (
            Field(
                "conditions", _("Illnesses and operations"), Goes.CONDITIONS, "lines",
                hint=_("Such as: high blood pressure, since 2015"),
            ),
            Field("no_conditions", _("I know of none"), kind="tick"),
        ),
    ),
    Topic(
        "medicines", _("What you take"),
        _("Everything: from a doctor, from the shop, drops, hormones, herbs. One on each line."),
        (
            Field(
                "medicines", _("Medicines"), Goes.MEDICINES, "lines",
                hint=_("Such as: sertraline 50 mg, one in the morning"),
            ),
            Field("no_medicines", _("I take nothing"), kind="tick"),
        ),
    ),
    Topic(
        "allergies", _("What you do not tolerate"), _("Medicines, food, latex and so on. One on each line."),
        (
            Field(
                "allergies", _("Allergies"), Goes.ALLERGIES, "lines", hint=_("Such as: penicillin, rash"),
            ),
            Field("no_allergies", _("I know of no allergy"), Goes.NO_ALLERGIES, "tick"),
        ),
    ),
    Topic(
        "before", _("What you have tried"),
        _("Treatments, talks, medicines in earlier years: what helped, what did not. As far as you remember."),
        (Field("tried", _("What has been tried so far?"), kind="long"),),
    ),
    Topic(
        "home", _("At home"), _("After a visit you may not drive, and somebody should be with you."),
        (
            Field("lives_with", _("Who lives with you?"), hint=_("You may also say: nobody.")),
            Field(
                "ride", _("Is there somebody who can take you home and stay with you?"), kind="choice",
                choices=(("yes", _("Yes")), ("unsure", _("I am not sure")), ("no", _("No"))),
            ),
            Field("home", _("Anything about home that we should know?"), kind="long"),
        ),
    ),
)  # fmt: skip

BY_ID: Mapping[str, Topic] = {topic.id: topic for topic in TOPICS}
FIELDS: Mapping[str, Field] = {field.name: field for topic in TOPICS for field in topic.fields}
LONGEST = 4000  # characters of one answer
MOST_LINES = 40  # of one list
