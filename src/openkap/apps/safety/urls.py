"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.safety.views import chart, duty, own, review, timing

app_name = "safety"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/<uuid:patient_id>/safety/", chart.page, name="page"),
    path("patients/<uuid:patient_id>/safety/result/", chart.result, name="result"),
    path("patients/<uuid:patient_id>/safety/decision/", chart.decide, name="decide"),
    path("patients/<uuid:patient_id>/safety/plan/", chart.plan, name="plan"),
    path("patients/<uuid:patient_id>/safety/plan/reviewed/", chart.review, name="review-plan"),
    path("safety/review/", review.review, name="review"),
    path("portal/safety-plan/", own.plan, name="own-plan"),
    path("settings/duty/", duty.all_sites, name="duty-sites"),
    path("settings/duty/<uuid:site_id>/", duty.site, name="duty"),
    path("settings/duty/<uuid:site_id>/times/", timing.times, name="times"),
    path("settings/duty/<uuid:site_id>/numbers/", duty.number, name="staff-number"),
    path("settings/duty/<uuid:site_id>/unstaffed/", duty.unstaffed, name="unstaffed"),
    path("settings/duty/<uuid:site_id>/<uuid:shift_id>/end/", duty.end, name="end-shift"),
]
