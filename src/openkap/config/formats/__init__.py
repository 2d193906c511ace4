"""How dates and times are written, by language: day first, 24 hours, unmistakable anywhere."""
