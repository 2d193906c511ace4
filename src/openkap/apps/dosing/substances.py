"""Names of drugs, routes, analytes and sampling sites, for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from openkap.core.pharmacology import Analyte, Drug, Route, Site

Words = str | Promise

DRUGS: dict[str, Words] = {
    Drug.KETAMINE: gettext_lazy("Ketamine (racemic)"),
    Drug.ESKETAMINE: gettext_lazy("Esketamine"),
}
ROUTES: dict[str, Words] = {
    Route.IV: pgettext_lazy("route", "by vein"),
    Route.IM: pgettext_lazy("route", "by muscle"),
    Route.SC: pgettext_lazy("route", "under the skin"),
    Route.SL: pgettext_lazy("route", "under the tongue"),
    Route.BUCCAL: pgettext_lazy("route", "in the cheek"),
    Route.PO: pgettext_lazy("route", "swallowed"),
    Route.IN: pgettext_lazy("route", "nasal spray"),
}
SITES: dict[Site, Words] = {
    Site.ARTERIAL: gettext_lazy("arterial plasma"),
    Site.VENOUS: gettext_lazy("venous plasma"),
    Site.UNSTATED: gettext_lazy("plasma, site not stated"),
}
ANALYTES: dict[Analyte, Words] = {
    Analyte.KETAMINE: gettext_lazy("ketamine (both enantiomers)"),
    Analyte.S_KETAMINE: gettext_lazy("S-ketamine"),
    Analyte.R_KETAMINE: gettext_lazy("R-ketamine"),
    Analyte.NORKETAMINE: gettext_lazy("norketamine"),
    Analyte.S_NORKETAMINE: gettext_lazy("S-norketamine"),
    Analyte.S_HYDROXYNORKETAMINE: gettext_lazy("S-hydroxynorketamine"),
}
SHORT_ANALYTES: dict[Analyte, Words] = {
    Analyte.KETAMINE: gettext_lazy("Ketamine"),
    Analyte.S_KETAMINE: "S-ketamine",
}
