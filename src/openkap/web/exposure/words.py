"""Names of what is tried and predicted, for people."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.apps.dosing.substances import ANALYTES, Words
from openkap.apps.knowledge_base.words import text_in
from openkap.core.pharmacology import Analyte
from openkap.core.pharmacology.assumptions import Assumption, Kind
from openkap.core.pharmacology.interactions import Effect, Outcome

COVARIATES: dict[str, Words] = {
    "weight_kg": gettext_lazy("Weight"),
    "age_years": gettext_lazy("Age"),
    "sex": gettext_lazy("Sex"),
    "asian": gettext_lazy("Asian ancestry"),
    "japanese": gettext_lazy("Japanese ancestry"),
}

ASSUMED: dict[Kind, Words] = {
    Kind.FREE_BASE: gettext_lazy("Amounts are free base."),
    Kind.HALF: gettext_lazy("Half of racemic ketamine is S-ketamine; the two do not influence each other."),
    Kind.DERIVED: gettext_lazy("%(analyte)s is derived from %(of)s (%(factors)s)."),
    Kind.REFERENCE: gettext_lazy("%(covariate)s is not known; its reference value is used."),
    Kind.BORROWED: gettext_lazy("Between-subject variances are borrowed from %(model)s."),
}


def assumption_words(assumption: Assumption, language: str) -> str:
    """One assumption in the reader's language; the record's own sentence where it has one."""
    if assumption.text is not None:
        return text_in(assumption.text, language)
    named = dict(assumption.named)
    for key in ("analyte", "of"):
        if key in named:
            named[key] = str(ANALYTES[Analyte(named[key])])
    if "covariate" in named:
        named["covariate"] = str(COVARIATES.get(named["covariate"], named["covariate"]))
    return str(ASSUMED[assumption.kind]) % named


def effect_words(effect: Effect, language: str) -> str:
    """What became of one agent."""
    name = {"name": text_in(effect.taken.name, language)}
    if effect.outcome is Outcome.APPLIED and effect.record is not None:
        found = [ratio.auc or ratio.clearance for ratio in effect.record.published]
        ratios = ", ".join(f"{ratio:.2g}" for ratio in found if ratio is not None)
        record = {"record": effect.record.id, "version": effect.record.version, "ratios": ratios}
        return _(
            "%(name)s: its published effect on the drug itself is applied (%(record)s, version %(version)s; "
            "times %(ratios)s). Of the metabolites it says nothing."
        ) % (name | record)
    if effect.outcome is Outcome.NO_CHANGE:
        return _("%(name)s: studied by this route, and the exposure did not change.") % name
    if effect.outcome is Outcome.NOT_COMBINED:
        return _("%(name)s: its effect together with the others is not known; none of them is applied.") % name
    return _("%(name)s: its effect by this route is not known in this model; nothing is applied.") % name
