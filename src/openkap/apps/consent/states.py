"""What may become of a consent: the state machine as a table, and how it stands when a dose is asked for."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.errors import NotAllowedNow


class ConsentState(StrEnum):
    OFFERED = "offered"
    READING = "reading"
    SIGNED = "signed"  # by the patient; nobody has countersigned yet
    VALID = "valid"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    CANCELLED = "cancelled"


S = ConsentState
STATE_NAMES = {
    S.OFFERED: gettext_lazy("Offered"),
    S.READING: gettext_lazy("Being read"),
    S.SIGNED: gettext_lazy("Signed by the patient"),
    S.VALID: gettext_lazy("Valid"),
    S.SUPERSEDED: gettext_lazy("Text has changed"),
    S.EXPIRED: gettext_lazy("Expired"),
    S.WITHDRAWN: gettext_lazy("Withdrawn"),
    S.DECLINED: gettext_lazy("Declined"),
    S.CANCELLED: gettext_lazy("Offer cancelled"),
}
# How each is drawn: the interface's own words for icon and colour.
STATE_TONES = {
    S.OFFERED: "planned",
    S.READING: "due",
    S.SIGNED: "due",
    S.VALID: "ok",
    S.SUPERSEDED: "warn",
    S.EXPIRED: "warn",
    S.WITHDRAWN: "blocked",
    S.DECLINED: "blocked",
    S.CANCELLED: "unknown",
}

# (from, verb) -> to; what is not listed is not allowed
MOVES: dict[tuple[ConsentState, str], ConsentState] = {
    (S.OFFERED, "read"): S.READING,
    (S.READING, "read"): S.READING,
    (S.READING, "sign"): S.SIGNED,
    (S.SIGNED, "countersign"): S.VALID,
    (S.OFFERED, "decline"): S.DECLINED,
    (S.READING, "decline"): S.DECLINED,
    (S.OFFERED, "cancel"): S.CANCELLED,
    (S.READING, "cancel"): S.CANCELLED,
    (S.SIGNED, "cancel"): S.CANCELLED,
    (S.SIGNED, "withdraw"): S.WITHDRAWN,
    (S.VALID, "withdraw"): S.WITHDRAWN,
    (S.VALID, "supersede"): S.SUPERSEDED,
    (S.VALID, "expire"): S.EXPIRED,
}
OPEN = frozenset({S.OFFERED, S.READING, S.SIGNED})


def consent_after(state: str, verb: str) -> ConsentState:
    """The state after `verb`. Raises `NotAllowedNow`."""
    after = MOVES.get((ConsentState(state), verb))
    if after is None:
        raise NotAllowedNow(
            _("This consent is '%(state)s'; that cannot be done with it now.")
            % {"state": STATE_NAMES[ConsentState(state)]}
        )
    return after


def may(state: str, verb: str) -> bool:
    """Whether `verb` is allowed in this state."""
    return (ConsentState(state), verb) in MOVES


class Code(StrEnum):
    """How consent stands for one patient, drug and route. Only `VALID` lets a dose be given."""

    VALID = "valid"
    NONE = "none"
    OPEN = "open"  # offered, being read, or not yet countersigned
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BROKEN = "broken"  # what is stored is not what was signed


STANDING_WORDS = {
    Code.VALID: gettext_lazy("Consent is valid"),
    Code.NONE: gettext_lazy("No consent for this drug and route"),
    Code.OPEN: gettext_lazy("Consent is not complete"),
    Code.SUPERSEDED: gettext_lazy("The consent text has changed: it must be signed again"),
    Code.EXPIRED: gettext_lazy("Consent has expired: it must be signed again"),
    Code.WITHDRAWN: gettext_lazy("Consent was withdrawn"),
    Code.BROKEN: gettext_lazy("The stored consent is not the text that was signed"),
}
STANDING_TONES = {
    Code.VALID: "ok",
    Code.NONE: "unknown",
    Code.OPEN: "due",
    Code.SUPERSEDED: "warn",
    Code.EXPIRED: "warn",
    Code.WITHDRAWN: "blocked",
    Code.BROKEN: "blocked",
}


@dataclass(frozen=True)
class Standing:
    """How consent stands; `consent_id` is the public id of the one it rests on, if any."""

    code: Code
    consent_id: object = None
    addenda: frozenset[str] = frozenset()

    @property
    def is_valid(self) -> bool:
        return self.code is Code.VALID

    @property
    def words(self) -> str:
        return str(STANDING_WORDS[self.code])

    @property
    def tone(self) -> str:
        return STANDING_TONES[self.code]


def check_state_to_dose(standing: Standing) -> None:
    """No valid consent, no dose; there is no override. Raises `NotAllowedNow`."""
    if not standing.is_valid:
        raise NotAllowedNow(
            _("%(why)s. No dose is given without a valid consent; a prescriber can clear this.")
            % {"why": standing.words}
        )
