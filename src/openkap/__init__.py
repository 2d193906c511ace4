"""OpenKAP: runs a ketamine-assisted psychotherapy programme end to end."""

__version__ = "0.1.0"
