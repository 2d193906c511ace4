"""Forms about who patients are and who cares for them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.people.details import Details
from openkap.apps.people.models import Patient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openkap.apps.access.models import Membership
    from openkap.apps.sites.models import Site
    from openkap.errors import BadInput


class DetailsForm(forms.Form):
    """Demographics, contacts, emergency contact."""

    family_name = forms.CharField(label=_("Family name"), max_length=120)
    given_name = forms.CharField(label=_("Given names"), max_length=120, required=False)
    birth_date = forms.DateField(label=_("Birth date"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=Patient.Sex.choices,
        help_text=_("As in official papers; some rules depend on it."),
    )
    pronouns = forms.CharField(label=_("Pronouns"), max_length=40, required=False)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    email = forms.EmailField(label=_("Email"), required=False)
    address = forms.CharField(
        label=_("Address"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    contact_name = forms.CharField(label=_("Emergency contact"), max_length=120, required=False)
    contact_phone = forms.CharField(
        label=_("Their telephone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    contact_relation = forms.CharField(label=_("Who they are to the patient"), max_length=80, required=False)

    def details(self, held: Details | None = None) -> Details:
        """What was entered; what the form does not ask for stays as `held`."""
        said: dict[str, Any] = {name: self.cleaned_data[name] for name in DetailsForm.base_fields}
        return Details(**said) if held is None else replace(held, **said)

    def refuse(self, error: "BadInput") -> None:
        """Show an operation's reason at the field it names."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class RegisterForm(DetailsForm):
    """A new patient."""

    is_another_person = forms.BooleanField(
        label=_("This is another person of the same name and birth date"), required=False
    )

    def __init__(self, sites: "list[Site]", *args: Any, may_be_another: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_be_another:
            del self.fields["is_another_person"]
        self.fields["site"] = forms.ChoiceField(
            label=_("Site"),
            choices=[(str(site.public_id), site.name) for site in sites],
            widget=forms.Select if len(sites) > 1 else forms.HiddenInput,
            initial=str(sites[0].public_id) if sites else "",
        )


class TeamForm(forms.Form):
    """Add a member of staff to the care team, in a role that they hold."""

    member = forms.ChoiceField(label=_("Member of staff"))

    def __init__(self, staff: "Iterable[Membership]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (f"{one.user.public_id} {one.role}", f"{one.user}, {ROLE_NAMES[one.as_role()]}") for one in staff
        ]
        self.fields["member"] = forms.ChoiceField(label=_("Member of staff"), choices=choices)

    def chosen(self) -> tuple[UUID, Role]:
        """Public id of the person, and in which role."""
        person, role = self.cleaned_data["member"].split(" ")
        return UUID(person), Role(role)
