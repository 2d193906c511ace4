"""Every route of the product. Each view names its policy; the route census test walks this table."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("openkap.web.urls")),
    path("", include("openkap.web.portal_urls")),
    path("", include("openkap.apps.access.urls")),
    path("", include("openkap.apps.access.sign_in_urls")),
    path("", include("openkap.apps.knowledge_base.urls")),
    path("", include("openkap.apps.people.urls")),
    path("", include("openkap.apps.tasks.urls")),
    path("", include("openkap.apps.chart.urls")),
    path("", include("openkap.apps.safety.urls")),
    path("", include("openkap.apps.measures.urls")),
    path("", include("openkap.apps.lifestyle.urls")),
    path("", include("openkap.apps.journal.urls")),
    path("", include("openkap.apps.intake.urls")),
    path("", include("openkap.apps.assessment.urls")),
    path("", include("openkap.apps.consent.urls")),
    path("", include("openkap.apps.planning.urls")),
    path("", include("openkap.apps.dosing.urls")),
    path("", include("openkap.apps.therapy.urls")),
]

handler400 = "openkap.web.views.errors.bad_request"
handler403 = "openkap.web.views.errors.forbidden"
handler404 = "openkap.web.views.errors.not_found"
handler500 = "openkap.web.views.errors.broken"
