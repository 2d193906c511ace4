"""Text messages: `port` says what the product asks, `client` speaks to a gateway, `fake` is for tests."""

from openkap.adapters.sms.port import SmsPort, Text

__all__ = ["SmsPort", "Text"]
