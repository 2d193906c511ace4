"""Routes of the cross-app pages; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.web.views import trail
from openkap.web.views.chart import chart
from openkap.web.views.drafts import draft
from openkap.web.views.exposure import exposure, try_dose
from openkap.web.views.gallery import gallery
from openkap.web.views.health import health
from openkap.web.views.inbox import inbox, seen
from openkap.web.views.lifestyle import lifestyle, own_weeks
from openkap.web.views.measures import measure, overview
from openkap.web.views.own_settings import own_settings
from openkap.web.views.portal_options import options
from openkap.web.views.today import today

app_name = "web"
urlpatterns: list[URLPattern | URLResolver] = [
    path("audit/", trail.search, name="audit"),
    path("patients/<uuid:patient_id>/access-log/", trail.access_log, name="access_log"),
    path("", today, name="today"),
    path("drafts/<slug:key>/", draft, name="draft"),
    path("exposure/", exposure, name="exposure"),
    path("gallery/", gallery, name="gallery"),
    path("health", health, name="health"),
    path("inbox/", inbox, name="inbox"),
    path("inbox/<uuid:patient_id>/seen/", seen, name="inbox-seen"),
    path("patients/<uuid:patient_id>/", chart, name="chart"),
    path("patients/<uuid:patient_id>/measures/", overview, name="measures"),
    path("patients/<uuid:patient_id>/measures/of/<slug:instrument_id>/", measure, name="measure"),
    path("patients/<uuid:patient_id>/sessions/try/", try_dose, name="try_dose"),
    path("patients/<uuid:patient_id>/measures/lifestyle/", lifestyle, name="lifestyle"),
    path("portal/weeks/", own_weeks, name="own-weeks"),
    path("portal/options/", options, name="portal-options"),
    path("settings/", own_settings, name="settings"),
]
