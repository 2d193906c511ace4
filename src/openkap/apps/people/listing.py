"""The list of patients: what it may be filtered and sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import Permission
from openkap.apps.people import queries
from openkap.apps.people.models import Patient
from openkap.apps.people.stages import Indication, Stage

if TYPE_CHECKING:
    from openkap.apps.access.models import User

# What may be asked for, how it is ordered (an index serves each), and what it is called.
SORTS: Final[Mapping[str, tuple[tuple[str, ...], str | Promise]]] = {
    "name": (("sort_key", "id"), _("Name")),
    "newest": (("-registered_at", "id"), _("Newest first")),
    "birth": (("birth_date", "id"), _("Birth date")),
    "number": (("record_number",), _("Record number")),
}


@dataclass(frozen=True)
class ListRequest:
    """What a person asked the list for; anything unknown in the address is left out, not refused."""

    asked: str = ""
    stage: str = ""
    indication: str = ""
    mine: bool = False
    sort: str = "name"

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "ListRequest":
        """From the query of an address."""
        return cls(
            asked=given.get("q", "").replace("\x00", "").strip()[:120],
            stage=_known(given.get("stage", ""), Stage.values),
            indication=_known(given.get("indication", ""), Indication.values),
            mine=given.get("team") == "mine",
            sort=_known(given.get("sort", ""), list(SORTS)) or "name",
        )

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        said = {
            "q": self.asked,
            "stage": self.stage,
            "indication": self.indication,
            "team": "mine" if self.mine else "",
            "sort": self.sort if self.sort != "name" else "",
        }
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether some patients may be left out."""
        return bool(self.asked or self.stage or self.indication or self.mine)


def list_patients(viewer: "User", request: ListRequest) -> QuerySet[Patient]:
    """The patients `viewer` may see, as asked for."""
    patients = queries.find(queries.patients_for(viewer, Permission.PATIENT_LIST), request.asked)
    if request.stage:
        patients = patients.filter(stage=request.stage)
    if request.indication:
        patients = patients.filter(indication=request.indication)
    if request.mine:
        patients = queries.patients_in_team_of(viewer, patients)
    return (
        patients.select_related("site").defer("search_key", "search_tokens").order_by(*SORTS[request.sort][0])
    )


def _known(value: str, known: list[str]) -> str:
    return value if value in known else ""
