"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.measures.views import asking, burden, entering, library, own, pages, sheet

app_name = "measures"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portal/questions/form/<slug:instrument_id>/", own.start, name="own-start"),
    path("portal/questions/form/<slug:instrument_id>/<int:number>/", own.question, name="own-question"),
    path("portal/questions/form/<slug:instrument_id>/all/", sheet.sheet, name="own-sheet"),
    path("portal/questions/form/<slug:instrument_id>/check/", own.check, name="own-check"),
    path("portal/questions/done/<uuid:response_id>/", own.done, name="own-done"),
    path("settings/burden/", burden.all_sites, name="burden-sites"),
    path("settings/burden/<uuid:site_id>/", burden.site, name="burden"),
    path("library/", library.shelf, name="shelf"),
    path("library/<slug:instrument_id>/", library.one, name="one"),
    path("library/<slug:instrument_id>/fhir/", library.as_questionnaire, name="questionnaire"),
    path("library/<slug:instrument_id>/pack/", library.starting_file, name="starting-file"),
    path("patients/<uuid:patient_id>/measures/enter/", pages.library, name="library"),
    path("patients/<uuid:patient_id>/measures/enter/<slug:instrument_id>/", entering.enter, name="enter"),
    path("patients/<uuid:patient_id>/measures/schedule/", asking.schedule, name="schedule"),
    path("patients/<uuid:patient_id>/measures/schedule/ask/", asking.ask, name="ask"),
    path("patients/<uuid:patient_id>/measures/schedule/skip/", asking.skip, name="skip"),
    path("patients/<uuid:patient_id>/measures/schedule/pause/", asking.pause, name="pause"),
    path("patients/<uuid:patient_id>/measures/schedule/change/", asking.change, name="change-asking"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/", pages.entry, name="entry"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/fhir/", pages.as_fhir, name="fhir"),
    path("patients/<uuid:patient_id>/measures/<uuid:response_id>/correct/", entering.correct, name="correct"),
]
