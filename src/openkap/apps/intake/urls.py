"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.intake.views import own, staff

app_name = "intake"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portal/questions/about-me/", own.start, name="start"),
    path("portal/questions/about-me/check/", own.check, name="check"),
    path("portal/questions/about-me/<slug:topic_id>/", own.topic, name="topic"),
    path("patients/<uuid:patient_id>/intake/", staff.begin, name="begin"),
    path("patients/<uuid:patient_id>/intake/<uuid:intake_id>/", staff.review, name="review"),
    path("patients/<uuid:patient_id>/intake/<uuid:intake_id>/send/", staff.send, name="send"),
    path("patients/<uuid:patient_id>/intake/<uuid:intake_id>/withdraw/", staff.withdraw, name="withdraw"),
    path(
        "patients/<uuid:patient_id>/intake/<uuid:intake_id>/<slug:topic_id>/", staff.topic, name="staff-topic"
    ),
]
