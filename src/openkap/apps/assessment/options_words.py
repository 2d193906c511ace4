"""The words of the decision aid: endpoints, how studies were made, and how a figure fits."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from openkap.knowledge.schema.evidence import Control, Design, Endpoint
from openkap.knowledge.schema.record import Verification

Words = str | Promise

ENDPOINTS: Final[dict[Endpoint, Words]] = {
    Endpoint.RESPONSE: gettext_lazy("were much better"),
    Endpoint.REMISSION: gettext_lazy("felt well again"),
    Endpoint.RELAPSE: gettext_lazy("of those who were better fell back"),
    Endpoint.KEPT: gettext_lazy("of those who were much better still were"),
    Endpoint.WORSE: gettext_lazy("felt worse"),
    Endpoint.STOPPED: gettext_lazy("stopped"),
    Endpoint.SIDE_EFFECT: gettext_lazy("noticed this"),
    Endpoint.CLASS: gettext_lazy("went this way"),
    Endpoint.FUNCTION: gettext_lazy("did better in daily life"),
    Endpoint.PREDICTS: gettext_lazy("of those much better in the end had gained by then"),
    Endpoint.TIME_TO_RELAPSE: gettext_lazy("half of those who were better had fallen back"),
}
QUESTIONS: Final[dict[Endpoint, Words]] = {
    Endpoint.RESPONSE: gettext_lazy("Of 100 people, how many were much better?"),
    Endpoint.REMISSION: gettext_lazy("Of 100 people, how many felt well again?"),
}
DESIGNS: Final[dict[Design, Words]] = {
    Design.BLINDED: gettext_lazy("Chance decided who got what, and people were not told."),
    Design.RANDOMISED_OPEN: gettext_lazy("Chance decided who got what, and everyone knew it."),
    Design.OPEN: gettext_lazy("Everyone got the treatment and knew it; there was no comparison group."),
    Design.ROUTINE: gettext_lazy("Seen in everyday care; there was no comparison group."),
    Design.POOLED_TRIALS: gettext_lazy("Several studies put together, in which chance decided who got what."),
    Design.POOLED_OPEN: gettext_lazy("Several studies put together, most without a comparison group."),
}
CONTROLS: Final[dict[Control, Words]] = {
    Control.PLACEBO: gettext_lazy("against a dummy treatment"),
    Control.ACTIVE_PLACEBO: gettext_lazy("against a drug that is felt but does not treat"),
    Control.OTHER_TREATMENT: gettext_lazy("against another treatment"),
    Control.USUAL_CARE: gettext_lazy("against usual care"),
    Control.NONE: gettext_lazy("with no comparison group"),
}
READ: Final[dict[Verification, Words]] = {
    Verification.SOURCE: gettext_lazy("Read in the source by OpenKAP."),
    Verification.SECONDARY: gettext_lazy("Read in a restatement; signed off by the medical director."),
    Verification.MEMORY: gettext_lazy("From memory; checked and signed off by the medical director."),
    Verification.CONVENTION: gettext_lazy("Usual practice; signed off by the medical director."),
}
DIFFERS: Final[dict[str, Words]] = {
    "indication": gettext_lazy("about people with another illness"),
    "stage": gettext_lazy("about people who had tried more or fewer medicines"),
    "setting": gettext_lazy("about people treated in another place, in hospital or outside"),
    "age": gettext_lazy("about people of another age"),
}
UNSURE: Final[dict[str, Words]] = {
    "indication": gettext_lazy("the study does not say whether people in acute danger took part"),
    "stage": gettext_lazy("it is not known how well it fits by the number of medicines tried"),
    "age": gettext_lazy("it is not known how well it fits by age"),
}
CLAIMS: Final[tuple[tuple[str, Words], ...]] = (
    ("onset", gettext_lazy("When it starts")),
    ("course", gettext_lazy("How it goes on")),
    ("notice", gettext_lazy("What you may notice")),
    ("visits", gettext_lazy("Visits")),
)
