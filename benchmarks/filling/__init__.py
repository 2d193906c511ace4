"""Many patients who fill in questionnaires at the same time."""
