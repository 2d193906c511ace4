"""What is said of a file that is not read."""

from django.utils.translation import gettext as _

from openkap.errors import BadInput


def not_known() -> BadInput:
    """A file of a kind that is not read here."""
    return BadInput(
        _(
            "This kind of file cannot be read here. These can: export.zip of Apple Health, a Takeout file of "
            "Google or Fitbit, and tables (CSV) with a day and a number in each line."
        ),
        field="file",
    )


def broken() -> BadInput:
    """A file that is cut off, or not what it says it is."""
    return BadInput(_("The file is damaged or incomplete. Export it again and choose it again."), field="file")


def too_large() -> BadInput:
    """More than is read, packed or unpacked."""
    return BadInput(
        _("This file holds more than can be read here. Export a shorter time, or only steps and sleep."),
        field="file",
    )
