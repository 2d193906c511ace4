"""E-mail through Django's backend, which the settings point at an SMTP server."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from openkap.adapters.mail.port import Letter, MailPort, NotDelivered

REFUSED_FOR_GOOD = range(550, 560)  # RFC 5321: the mailbox, not the moment, is the matter


class DjangoMail:
    """The backend that Django's settings name."""

    def send(self, letter: Letter) -> None:
        message = EmailMessage(
            subject=letter.subject,
            body=letter.body,
            to=[letter.to],
            headers={"Message-ID": f"<{letter.key}@{_domain()}>", "Auto-Submitted": "auto-generated"},
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise NotDelivered("recipient-refused", for_good=_for_good(error)) from None
        except smtplib.SMTPException as error:
            raise NotDelivered(type(error).__name__, for_good=False) from None
        except (OSError, ValueError) as error:
            # Without its text, which may hold the address: a ValueError is an address that makes no header.
            raise NotDelivered(type(error).__name__, for_good=isinstance(error, ValueError)) from None


def mail_port() -> MailPort | None:
    """The way e-mail goes out, or None where none is set up."""
    return DjangoMail() if settings.MAIL_READY else None


def _domain() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].strip("> ") or "localhost"


def _for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    return any(code in REFUSED_FOR_GOOD for code, _words in error.recipients.values())
