"""Reads of satisfaction: the questionnaire to ask, and the figures of its dashboard."""

from satisfaction.queries.beside import executed, execution_labels, extras_by_month
from satisfaction.queries.figures import EXECUTION, FIGURES, INDEX, LOW, LOYALTY, NPS, OCCASION, VERY_SATISFIED, scored
from satisfaction.queries.labels import asked_versions
from satisfaction.queries.reach import departments_of, headed
from satisfaction.queries.summaries import can_answer, must_wait
from satisfaction.queries.tables import (
    EmployeeLine,
    TreeLine,
    by_member,
    by_month,
    by_store,
    employees,
    extras,
    extras_by_member,
    factors_by_member,
    factors_by_month,
    items_by_member,
    items_by_month,
    low_by_member,
    low_items,
    scores_by_member,
    tree_of,
)
from satisfaction.queries.trees import answer_words, current_version, items_of, scale_for, words_of

__all__ = [
    "EXECUTION",
    "FIGURES",
    "INDEX",
    "LOW",
    "LOYALTY",
    "NPS",
    "OCCASION",
    "VERY_SATISFIED",
    "EmployeeLine",
    "TreeLine",
    "by_member",
    "by_month",
    "by_store",
    "can_answer",
    "current_version",
    "departments_of",
    "employees",
    "executed",
    "execution_labels",
    "extras",
    "extras_by_member",
    "extras_by_month",
    "factors_by_member",
    "factors_by_month",
    "headed",
    "items_by_member",
    "items_by_month",
    "items_of",
    "answer_words",
    "asked_versions",
    "scale_for",
    "words_of",
    "low_by_member",
    "low_items",
    "must_wait",
    "scored",
    "scores_by_member",
    "tree_of",
]
