"""What the core says of a history, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openkap.core.assessment.differential import Proposal, Why
from openkap.core.assessment.resistance import Need, Outcome, Resistance

Words = str | Promise

OUTCOMES: dict[Outcome, Words] = {
    Outcome.FAILED: _("failed"),
    Outcome.PARTIAL: _("partial"),
    Outcome.RESPONDED: _("helped"),
    Outcome.TOO_SHORT: _("too short"),
    Outcome.DOSE_TOO_LOW: _("dose too low"),
    Outcome.NOT_TAKEN: _("not taken as agreed"),
    Outcome.EARLIER_SPELL: _("earlier spell"),
    Outcome.NOT_COUNTED: _("not counted"),
    Outcome.UNDECIDED: _("cannot be decided"),
}
NEEDS: dict[Need, Words] = {
    Need.PERCENT: _("how much better it got"),
    Need.WEEKS: _("how many weeks"),
    Need.DOSE: _("whether the dose was adequate"),
    Need.TAKEN: _("whether it was taken as agreed"),
    Need.CLEAR: _("whether it was already clear that it did not work"),
    Need.SPELL: _("which spell of illness"),
    Need.COURSE: _("whether it was a full course"),
    Need.DRUG_CLASS: _("the class of the medicine"),
    Need.LATERALITY: _("on one or both sides"),
    Need.COMPLETE: _("that everything tried is entered"),
    Need.SINCE: _("when the present spell began"),
    Need.SEVERITY: _("how severe it was at its start"),
    Need.FAILED_MEDICINE: _("one failed medicine, where the method starts"),
    Need.DEFINITION: _("a definition the site has chosen"),
}
RESISTANCE: dict[Resistance, Words] = {
    Resistance.SHOWN: _("resistant"),
    Resistance.NOT_SHOWN: _("not resistant"),
    Resistance.UNDECIDED: _("cannot be decided"),
}
ENOUGH: dict[Resistance, Words] = {  # of a number another programme asks for, not a definition of resistance
    Resistance.SHOWN: _("enough for it"),
    Resistance.NOT_SHOWN: _("too few for it"),
    Resistance.UNDECIDED: _("cannot be decided"),
}
STATES: dict[Resistance, str] = {  # of `{% pill %}`
    Resistance.SHOWN: "info",
    Resistance.NOT_SHOWN: "warn",
    Resistance.UNDECIDED: "unknown",
}
DIMENSIONS: dict[str, Words] = {
    "duration": _("Duration"),
    "severity": _("Severity"),
    "failures": _("Failed medicines"),
    "augmentation": _("Augmentation"),
    "ect": _("ECT"),
}
PROPOSALS: dict[Proposal, Words] = {
    Proposal.PRIMARY: _("Primary: nothing found that causes it"),
    Proposal.SECONDARY: _("Secondary: something else may cause it"),
    Proposal.NOT_DECIDED: _("Not decided"),
}
PROPOSAL_STATES: dict[Proposal, str] = {
    Proposal.PRIMARY: "ok",
    Proposal.SECONDARY: "warn",
    Proposal.NOT_DECIDED: "unknown",
}
WHYS: dict[Why, Words] = {
    Why.POINTS_TO: _("points to it"),
    Why.POINTS_AWAY: _("nothing found"),
    Why.OPEN: _("left open"),
    Why.NOT_ASKED: _("not asked yet"),
}
WHY_STATES: dict[Why, str] = {
    Why.POINTS_TO: "warn",
    Why.POINTS_AWAY: "ok",
    Why.OPEN: "unknown",
    Why.NOT_ASKED: "unknown",
}


def listed(needs: tuple[Need, ...]) -> str:
    """What is missing, in words, one after the other."""
    return ", ".join(str(NEEDS[need]) for need in needs)


def one_or_span(least: int, most: int) -> str:
    """A number, or 'from to' where it is not known more closely."""
    if least == most:
        return str(least)
    return gettext("%(least)s to %(most)s") % {"least": least, "most": most}
