"""Reads of satisfaction: the questionnaire to ask, and the figures of its dashboard."""

from satisfaction.queries.figures import EXECUTION, FIGURES, INDEX, LOW, LOYALTY, NPS, OCCASION, VERY_SATISFIED, scored
from satisfaction.queries.reach import departments_of, headed
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
    low_items,
    tree_of,
)
from satisfaction.queries.trees import current_version, items_of

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
    "current_version",
    "departments_of",
    "employees",
    "extras",
    "extras_by_member",
    "factors_by_member",
    "factors_by_month",
    "headed",
    "items_by_member",
    "items_by_month",
    "items_of",
    "low_items",
    "scored",
    "tree_of",
]
