"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.therapy.views import notes, process_notes

app_name = "therapy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("patients/<uuid:patient_id>/therapy/", notes.therapy, name="therapy"),
    path("visits/<uuid:visit_id>/note/", notes.write, name="write"),
    path("therapy-notes/<uuid:note_id>/", notes.note, name="note"),
    path("therapy-notes/<uuid:note_id>/practise/", notes.practise, name="practise"),
    path("visits/<uuid:visit_id>/process-note/", process_notes.write, name="write-process-note"),
    path("process-notes/<uuid:note_id>/", process_notes.process_note, name="process-note"),
]
