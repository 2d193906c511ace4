"""Scoring of filled questionnaires."""
