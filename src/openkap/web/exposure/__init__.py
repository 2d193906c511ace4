"""Trying a dose: what is asked, what the models answer, and how it is shown. Nothing here is stored."""
