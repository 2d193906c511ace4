"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.assessment.views import acts, clearance, history, method, options, page, prices, summary

app_name = "assessment"
ROOT = "patients/<uuid:patient_id>/assessment/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(ROOT, page.assessment, name="page"),
    path(f"{ROOT}indication/", acts.indication, name="indication"),
    path(f"{ROOT}answers/", acts.answers, name="answers"),
    path(f"{ROOT}note/", acts.note, name="note"),
    path(f"{ROOT}decision/", acts.decision, name="decision"),
    path(f"{ROOT}end/", acts.end, name="end"),
    path(f"{ROOT}options/", options.options, name="options"),
    path(f"{ROOT}options/preferences/", options.preferences, name="preferences"),
    path(f"{ROOT}options/talk/", options.talk, name="options-talk"),
    path(f"{ROOT}method/", method.method, name="method"),
    path(f"{ROOT}method/interview/", method.interview, name="method-interview"),
    path(f"{ROOT}method/choose/", method.choose, name="choose-method"),
    path("settings/prices/", prices.prices, name="prices"),
    path("settings/prices/<uuid:site_id>/<slug:option_id>/", prices.price, name="price"),
    path(f"{ROOT}overrides/<slug:rule_id>/", acts.override, name="override"),
    path(f"{ROOT}overrides/<uuid:override_id>/end/", acts.end_override, name="end-override"),
    path(f"{ROOT}history/", history.history, name="history"),
    path(f"{ROOT}history/add/<slug:kind>/", history.add, name="add-treatment"),
    path(f"{ROOT}history/spell/", history.spell, name="spell"),
    path(f"{ROOT}history/conclusion/", history.conclude, name="conclude"),
    path(f"{ROOT}history/screens/<slug:screen_id>/", history.screen, name="screen"),
    path(f"{ROOT}history/<uuid:treatment_id>/", history.correct, name="correct-treatment"),
    path(f"{ROOT}history/<uuid:treatment_id>/withdraw/", history.withdraw, name="withdraw-treatment"),
    path(f"{ROOT}summary/", summary.summary, name="summary"),
    path(f"{ROOT}summary.pdf", summary.pdf, name="summary-pdf"),
    path(f"{ROOT}summary/candidacy/", summary.candidacy, name="candidacy"),
    path(f"{ROOT}clearance/", clearance.clearance, name="clearance"),
    path(f"{ROOT}clearance/pressures/", clearance.pressures, name="pressures"),
    path(f"{ROOT}clearance/items/<slug:item_id>/", clearance.item, name="clearance-item"),
    path(f"{ROOT}clearance/items/<slug:item_id>/waive/", clearance.waive, name="waive-item"),
    path(f"{ROOT}clearance/results/<uuid:result_id>/decide/", clearance.decide, name="decide-result"),
    path(f"{ROOT}clearance/results/<uuid:result_id>/withdraw/", clearance.withdraw, name="withdraw-result"),
    path(f"{ROOT}clearance/waivers/<uuid:waiver_id>/end/", clearance.end_waiver, name="end-waiver"),
]
