"""What a telephone or a watch counted, made into one number a day; pure."""

from openkap.core.lifestyle.choosing import Chosen, choose, devices
from openkap.core.lifestyle.daily import Found, Kind, Skipped, Tally, Window

__all__ = ["Chosen", "Found", "Kind", "Skipped", "Tally", "Window", "choose", "devices"]
