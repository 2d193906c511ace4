"""Forms of consent."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.apps.consent.models import Consent
from openkap.apps.consent.operations.reading import LONGEST
from openkap.apps.consent.queries import UNDER_HELP
from openkap.apps.consent.texts import blank_words
from openkap.errors import OpenkapError
from openkap.knowledge.schema.consent_template import Blank, ConsentTemplate
from openkap.knowledge.schema.record import Text

LANGUAGES = [(code, name) for code, name in settings.LANGUAGES if code in Text.model_fields]


def refuse(form: forms.Form, error: OpenkapError) -> None:
    """Show an expected error at its field, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


class OfferForm(forms.Form):
    """Which text, in which language, where it is read."""

    language = forms.ChoiceField(label=gettext_lazy("Language of the text"), choices=LANGUAGES)
    place = forms.ChoiceField(
        label=gettext_lazy("Where it is read"), choices=Consent.Place.choices, widget=forms.RadioSelect
    )
    addenda = forms.MultipleChoiceField(
        label=gettext_lazy("Addenda"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, addenda: Iterable[tuple[ConsentTemplate, str, str]], *args: Any, has_portal: bool, **kwargs: Any
    ) -> None:
        """`addenda`: what may be added, its title and when it is needed, in the reader's language."""
        super().__init__(*args, **kwargs)
        choices = [(template.id, f"{title}. {when}") for template, title, when in addenda]
        field, place = self.fields["addenda"], self.fields["place"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  declared above
        assert isinstance(place, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = choices
        if not choices:
            del self.fields["addenda"]
        if not has_portal:
            place.choices = [choice for choice in Consent.Place.choices if choice[0] != Consent.Place.PORTAL]
            place.initial = Consent.Place.TABLET.value


def _words_field(label: Any, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows})
    )


class ReasonForm(forms.Form):
    """Why an offer is cancelled."""

    reason = forms.CharField(label=gettext_lazy("Why it is cancelled"), max_length=500)


class WithdrawForm(forms.Form):
    """What was said; nothing has to be."""

    reason = _words_field(gettext_lazy("What was said, if anything"), required=False, rows=2)


class AskForm(forms.Form):
    """A question, and the answer where staff gives it at once."""

    text = _words_field(gettext_lazy("Question"), rows=2)
    answer = _words_field(gettext_lazy("Answer given"), required=False, rows=2)

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            del self.fields["answer"]


class AnswerForm(forms.Form):
    """The answer to one question."""

    answer = _words_field(gettext_lazy("Answer"), rows=2)


class SayBackForm(forms.Form):
    """What was understood, by question."""

    def __init__(self, questions: Iterable[Mapping[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            self.fields[question["id"]] = _words_field(question["ask"])


class SignForm(forms.Form):
    """The patient's signature."""

    printed_name = forms.CharField(
        label=gettext_lazy("Your full name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    drawn = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
    unlock_password = forms.CharField(
        label=gettext_lazy("Your code"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("So that we know that it is you who signs."),
    )

    def __init__(self, *args: Any, asks_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_code:
            del self.fields["unlock_password"]


class CountersignForm(forms.Form):
    """A clinician's signature, with what was understood."""

    understood = forms.MultipleChoiceField(
        label=gettext_lazy("Understood, as their own words show"), widget=forms.CheckboxSelectMultiple
    )
    remark = _words_field(
        gettext_lazy("Remark on understanding and capacity to decide"), required=False, rows=2
    )
    printed_name = forms.CharField(label=gettext_lazy("Your full name"), max_length=200)

    def __init__(self, questions: Iterable[Mapping[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["understood"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  declared above
        field.choices = [(question["id"], question["ask"]) for question in questions]


WRITTEN = tuple(blank for blank in Blank if blank not in UNDER_HELP)


class SiteWordsForm(forms.Form):
    """What a site says in each blank, in each language."""

    asks_again = forms.BooleanField(
        label=gettext_lazy("Everybody who has signed must sign again"),
        required=False,
        help_text=gettext_lazy(
            "For changes that matter to somebody's decision. Until they sign, no dose is given."
        ),
    )

    def __init__(self, words: Mapping[str, Mapping[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        again = self.fields.pop("asks_again")
        for blank in WRITTEN:
            for language, name in LANGUAGES:
                self.fields[f"{blank.value}.{language}"] = forms.CharField(
                    label=_("%(what)s (%(language)s)")
                    % {"what": capfirst(blank_words(blank)), "language": name},
                    required=False,
                    max_length=600,
                    initial=words.get(blank.value, {}).get(language, ""),
                    widget=forms.Textarea(attrs={"rows": 2}),
                )
        self.fields["asks_again"] = again

    def words(self) -> dict[str, dict[str, str]]:
        """What was said, by blank and language."""
        return {
            blank.value: {
                language: self.cleaned_data.get(f"{blank.value}.{language}", "")
                for language, _name in LANGUAGES
            }
            for blank in WRITTEN
        }
