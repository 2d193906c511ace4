"""Scoring of instruments and what changes of score mean."""

from openkap.core.psychometrics.change import NOT_ESTABLISHED, acting_criteria, change, reliable_change_points
from openkap.core.psychometrics.conditions import asked_items, outcome_of
from openkap.core.psychometrics.course import DatedScore, baseline, response_endpoint, same_form
from openkap.core.psychometrics.early import Early, EarlyCourse, early_course
from openkap.core.psychometrics.examples import failing_examples, unnoticed_changes
from openkap.core.psychometrics.results import (
    Answer,
    Change,
    Judgement,
    NotAnswered,
    SafetyFlag,
    Score,
    SubscaleScore,
)
from openkap.core.psychometrics.scoring import (
    band_of,
    check_answer,
    half_up,
    parse_answers,
    prorate,
    safety_flags,
    score,
    score_total,
)
from openkap.core.psychometrics.wording import LANGUAGES, in_language, languages_of, wording_digest

__all__ = [
    "LANGUAGES",
    "NOT_ESTABLISHED",
    "Answer",
    "Change",
    "DatedScore",
    "Early",
    "EarlyCourse",
    "Judgement",
    "NotAnswered",
    "SafetyFlag",
    "Score",
    "SubscaleScore",
    "acting_criteria",
    "asked_items",
    "band_of",
    "baseline",
    "change",
    "check_answer",
    "early_course",
    "failing_examples",
    "half_up",
    "in_language",
    "languages_of",
    "outcome_of",
    "parse_answers",
    "prorate",
    "reliable_change_points",
    "response_endpoint",
    "safety_flags",
    "same_form",
    "score",
    "score_total",
    "unnoticed_changes",
    "wording_digest",
]
