"""Template tags every app may load: `{% load ui %}`."""
