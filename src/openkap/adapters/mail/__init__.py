"""E-mail: `port` says what the product asks, `client` sends through Django's backend, `fake` is for tests."""

from openkap.adapters.mail.port import Letter, MailPort, NotDelivered

__all__ = ["Letter", "MailPort", "NotDelivered"]
