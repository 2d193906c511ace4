"""How long judging patients takes."""
