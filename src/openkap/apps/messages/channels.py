"""How messages reach somebody, and what becomes of them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """How a message reaches somebody."""

    MAIL = "mail", _("e-mail")
    SMS = "sms", _("text message")
    HANDED = "handed", _("handed over in person")


class MessageState(TextChoices):
    """What became of a message."""

    QUEUED = "queued", _("waiting to go out")
    SENDING = "sending", _("going out")
    SENT = "sent", _("sent")
    FAILED = "failed", _("did not go out yet; tried again")
    GIVEN_UP = "given-up", _("could not be sent")
