"""Words for the codes of core.monitoring, in the language of the moment."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from openkap.core.assessment.suicide_risk import Hold
from openkap.core.monitoring.events import Kind
from openkap.core.monitoring.readiness import Item
from openkap.core.monitoring.state import Phase
from openkap.knowledge.schema.monitoring import UNITS, Vital
from openkap.knowledge.schema.record import Text

REASONS: dict[str, Promise] = {
    "clock-ahead": _("The clock of this device runs ahead: set it right, then enter it anew."),
    "too-long-ago": _("This lies more than a day before the session."),
    "needs-prescriber": _("Only a prescriber may decide this."),
    "two-identifiers": _("Identity needs two different identifiers."),
    "out-of-range": _("This figure cannot be right:"),
    "not-ready": _("The dose cannot start yet. Missing:"),
    "amount-differs": _("The amount is not the one ordered:"),
    "dose-already-started": _("The dose of this session has started already."),
    "dose-not-running": _("No dose is running."),
    "dose-not-paused": _("The dose is not paused."),
    "dose-not-over": _("The dose has not ended: record its end first."),
    "faster-than-ordered": _("This is faster than ordered. A faster rate needs a new order."),
    "more-than-ordered": _("This is more than was ordered:"),
    "unknown-sign": _("This sign is not on the list."),
    "unknown-condition": _("This is not one of the session's conditions."),
    "no-override": _("This cannot be overridden."),
    "already-discharged": _("Discharge was decided already."),
    "not-ready-to-leave": _("Not ready to leave. Missing:"),
    "not-discharged": _("Decide on discharge first."),
    "not-ended": _("The session has not ended."),
    "not-signed": _("An addendum comes after the signature; until then, write a note."),
    "ended": _("The session has ended: only notes, corrections and the signature can be added."),
    "signed": _("The session is signed: only an addendum can be added."),
    "nothing-to-correct": _("There is no such entry to correct."),
    "unreadable": _("The entry is incomplete:"),
}

PHASES: dict[Phase, Promise] = {
    Phase.ARRIVE: _("Arriving"),
    Phase.READY: _("Ready"),
    Phase.DOSING: _("Dosing"),
    Phase.PEAK: _("Peak"),
    Phase.RECOVERY: _("Recovery"),
    Phase.DISCHARGE: _("Discharge"),
    Phase.ENDED: _("Ended"),
}

VITALS: dict[Vital, Promise] = {
    Vital.SYSTOLIC: _("Systolic pressure"),
    Vital.DIASTOLIC: _("Diastolic pressure"),
    Vital.HEART_RATE: _("Heart rate"),
    Vital.SPO2: _("SpO₂"),
    Vital.RESPIRATION: _("Breaths"),
    Vital.MOAAS: _("MOAA/S"),
    Vital.DISSOCIATION: _("Dissociation"),
    Vital.NAUSEA: _("Nausea"),
    Vital.PAIN: _("Pain"),
    Vital.ANXIETY: _("Anxiety"),
    Vital.WEIGHT: _("Weight"),
}
# How a value reads: with its unit, or out of how many.
SHOWN_UNITS = {**UNITS, **dict.fromkeys((Vital.MOAAS, Vital.DISSOCIATION, Vital.NAUSEA), "")}

ITEMS: dict[str, Promise] = {
    "consent": _("Valid consent for this drug and route"),
    "suicide-risk": _("Suicide risk: nothing that holds dosing"),
    "clearance": _("Medical clearance: nothing missing or expired"),
    "arrived": _("Patient is here"),
    "identity": _("Identity: two identifiers"),
    "weight": _("Weight, measured today"),
    "escort-named": _("Escort named"),
    "stay:dose-end": _("%(minutes)s min after dose end"),
    "stay:dose-start": _("%(minutes)s min after dose start"),
}

# How an examination stands that does not count; the codes are those of core.assessment.clearance.
CLEARANCE: dict[str, Promise] = {
    "expired": _("Expired"),
    "missing": _("Missing"),
    "unread": _("To be read"),
    "abnormal": _("Abnormal: decide"),
    "held": _("Held"),
    "referred": _("Referred"),
}

WHO: dict[str, Promise] = {
    "monitor": _("Session monitor"),
    "prescriber": _("Prescriber"),
    "medical-director": _("Medical director"),
    "nobody": _("Nobody"),
}

KINDS: dict[Kind, Promise] = {
    Kind.ARRIVED: _("Arrived"),
    Kind.IDENTITY_CHECKED: _("Identity checked"),
    Kind.WEIGHT_MEASURED: _("Weight measured"),
    Kind.ESCORT_NAMED: _("Escort named"),
    Kind.VITALS_RECORDED: _("Readings"),
    Kind.DOSE_STARTED: _("Dose started"),
    Kind.DOSE_PAUSED: _("Dose paused"),
    Kind.DOSE_RESUMED: _("Dose resumed"),
    Kind.RATE_CHANGED: _("Rate changed"),
    Kind.DOSE_STOPPED: _("Dose stopped early"),
    Kind.DOSE_ENDED: _("Dose ended"),
    Kind.DRUG_GIVEN: _("Drug given"),
    Kind.NOTE_WRITTEN: _("Note"),
    Kind.SIGN_SEEN: _("Event"),
    Kind.CHECK_RECORDED: _("Checked"),
    Kind.DECISION_MADE: _("Prescriber's decision"),
    Kind.PHASE_DECLARED: _("Recovery began"),
    Kind.CORRECTED: _("Correction"),
    Kind.DISCHARGE_DECIDED: _("Discharge decided"),
    Kind.ENDED: _("Session ended"),
    Kind.SIGNED: _("Signed"),
    Kind.ADDED: _("Addendum"),
}


def said(text: Text) -> str:
    """A knowledge text in the language of the moment, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en


def reason_words(code: str, about: Sequence[str] = ()) -> str:
    """Why an entry was not applied, as a sentence; '' for no reason."""
    if not code:
        return ""
    words = str(REASONS.get(code, code))
    things = dict.fromkeys(thing_words(thing) for thing in about if thing)  # several may have the same words
    return f"{words} {', '.join(things)}".strip()


def thing_words(thing: str) -> str:
    """The words of what a reason is about: an item's id, a vital, or the text itself."""
    if thing in ITEMS:
        return str(ITEMS[thing])
    if thing.startswith("baseline:"):
        return gettext("%(vital)s before the dose") % {"vital": VITALS[Vital(thing.removeprefix("baseline:"))]}
    if thing.startswith("clearance:"):
        return gettext("Medical clearance")
    if thing.startswith(("site-decision:", "no-record:")):
        return gettext("a decision of the medical director")
    if thing in {vital.value for vital in Vital}:
        return str(VITALS[Vital(thing)])
    return thing


def item_words(item: Item) -> str:
    """The words of one item of readiness."""
    if item.id.startswith("site-decision:") and item.label:
        return gettext("Needs site decision: %(record)s") % {"record": said(item.label)}
    if item.id.startswith("no-record:"):
        return gettext("Needs site decision: no record for this drug and route")
    if item.id.startswith("open-step:"):
        return gettext("Open step")
    if item.label is not None:
        of_clearance = gettext("Medical clearance: %(item)s") % {"item": said(item.label)}
        return of_clearance if item.id.startswith("clearance:") else said(item.label)
    words = thing_words(item.id)
    return words % {"minutes": item.value} if item.id.startswith("stay:") else words


def held_by_risk(hold: Hold) -> str:
    """Why no session is opened because of suicide risk."""
    return {
        Hold.DECISION_OPEN: gettext("Suicide risk holds dosing: a psychiatrist's decision is open."),
        Hold.HIGH_RISK: gettext("Suicide risk is high and dosing was not released. See the Safety page."),
        Hold.DECIDED_AGAINST: gettext(
            "A psychiatrist decided against a dose at suicide risk. See the Safety page."
        ),
    }[hold]
