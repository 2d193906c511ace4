"""Forms of the portal and of the pages by which staff open it."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from openkap.apps.portal.queries import HelpLine, Whose

if TYPE_CHECKING:
    from openkap.apps.messages.models import SiteMessages
    from openkap.apps.portal.models import SiteHelp

_NUMERIC = {"inputmode": "numeric", "autocomplete": "off"}


class AskForm(forms.Form):
    """Where the link to sign in shall go."""

    address = forms.CharField(
        label=_("Your e-mail address or mobile number"),
        max_length=254,
        error_messages={"required": _("Write your e-mail address or your mobile number.")},
        widget=forms.TextInput(
            {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )


class BirthDateForm(forms.Form):
    """A birth date in three fields: quicker on a telephone than a calendar that starts today."""

    day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31, widget=forms.TextInput(_NUMERIC))
    month = forms.TypedChoiceField(label=_("Month"), coerce=int)
    year = forms.IntegerField(label=_("Year"), min_value=1880, max_value=2200, widget=forms.TextInput(_NUMERIC))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["month"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  declared above
        field.choices = [("", ""), *MONTHS.items()]

    def clean(self) -> dict[str, Any]:
        """One sentence for all three: three narrow ones under them nobody can read."""
        said = super().clean() or {}
        try:
            said["date"] = date(said["year"], said["month"], said["day"])
        except (KeyError, ValueError):
            self.errors.clear()
            words = _("Give the day, the month and the year, such as 12 March 1966.")
            raise forms.ValidationError(words) from None
        return said


class CodeForm(forms.Form):
    """Six digits, twice."""

    code = forms.CharField(
        label=_("Six digits"),
        max_length=6,
        widget=forms.PasswordInput(
            {"inputmode": "numeric", "autocomplete": "new-password", "pattern": "[0-9]{6}"}
        ),
    )
    again = forms.CharField(
        label=_("The same again"),
        max_length=6,
        widget=forms.PasswordInput(
            {"inputmode": "numeric", "autocomplete": "new-password", "pattern": "[0-9]{6}"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("code") != data.get("again"):
            self.add_error("again", _("The two are not the same."))
        return data


class InviteForm(forms.Form):
    """How the invitation goes out, and in which language."""

    channel = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("The patient's language"))

    with_intake = forms.BooleanField(
        label=_("Ask them to fill in the intake"),
        required=False,
        help_text=_("History, medicines, contacts. Nothing enters the record unreviewed."),
    )

    def __init__(self, channels: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = forms.ChoiceField(
            label=_("How"), widget=forms.RadioSelect, choices=channels, initial=channels[0][0]
        )
        self.fields["language"] = forms.ChoiceField(
            label=_("The patient's language"), choices=settings.LANGUAGES, initial="en"
        )


class ChannelsForm(forms.Form):
    """By which ways the patient agreed to be written to."""

    mail = forms.BooleanField(label=_("May be written to by e-mail"), required=False)
    sms = forms.BooleanField(label=_("May be written to by text message"), required=False)


class SiteMessagesForm(forms.Form):
    """Quiet hours and signature."""

    quiet_from = forms.TimeField(label=_("Quiet from"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    signature = forms.CharField(
        label=_("Messages are signed with"),
        max_length=60,
        required=False,
        help_text=_(
            "Whoever sees the telephone reads this. A name that says what you treat is better left out."
        ),
    )

    def __init__(self, held: "SiteMessages", data: Mapping[str, Any] | None = None) -> None:
        initial = {name: getattr(held, name) for name in ("quiet_from", "quiet_until", "signature")}
        super().__init__(data, initial=initial)


WHOSE = [
    (Whose.OTHER.value, _("not named")),
    (Whose.CRISIS.value, _("the crisis line that is open at any hour")),
    (Whose.CLINIC.value, _("the clinic's telephone after a session")),
]


class HelpForm(forms.Form):
    """Where patients find help: the emergency number, and up to six lines of four fields each."""

    SHOWN_LINES = 6
    emergency_number = forms.CharField(
        label=_("Emergency number"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"type": "tel"}),
        help_text=_("Of the country where your patients are, such as 911 or 112."),
    )
    reads_en = forms.CharField(
        label=_("Who reads what patients write, and when (English)"),
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Say also when nobody reads it. Patients see this before they answer."),
    )
    reads_es = forms.CharField(
        label=_("The same in Spanish"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, held: "SiteHelp | None", data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=_initial(held))
        for number in range(1, self.SHOWN_LINES + 1):
            self.fields[f"label_{number}"] = forms.CharField(
                label=_("Who answers"), max_length=60, required=False
            )
            self.fields[f"number_{number}"] = forms.CharField(
                label=_("Number"), max_length=30, required=False, widget=forms.TextInput({"type": "tel"})
            )
            self.fields[f"how_{number}"] = forms.ChoiceField(
                label=_("How"), choices=[("call", _("call")), ("text", _("text message"))]
            )
            self.fields[f"hours_{number}"] = forms.CharField(
                label=_("When, and what for"), max_length=80, required=False
            )
            self.fields[f"whose_{number}"] = forms.ChoiceField(
                label=_("In consent texts"), choices=WHOSE, required=False
            )

    def lines(self) -> list[HelpLine]:
        """The lines that were filled in."""
        said = self.cleaned_data
        numbers = range(1, self.SHOWN_LINES + 1)
        filled = [n for n in numbers if said[f"label_{n}"] or said[f"number_{n}"]]
        return [
            HelpLine(*(said[f"{name}_{n}"] for name in ("label", "number", "how", "hours", "whose")))
            for n in filled
        ]

    def line_fields(self) -> list[list[forms.BoundField]]:
        """The fields of each line, for the page."""
        names = ("label", "number", "how", "hours", "whose")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, self.SHOWN_LINES + 1)]


def _initial(held: "SiteHelp | None") -> dict[str, str]:
    if held is None:
        return {}
    initial = {
        "emergency_number": held.emergency_number,
        "reads_en": held.reads.get("en", ""),
        "reads_es": held.reads.get("es", ""),
    }
    for number, line in enumerate(held.lines, start=1):
        initial |= {f"{name}_{number}": value for name, value in line.items()}
    return initial
