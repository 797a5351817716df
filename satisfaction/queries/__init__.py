"""Reads of satisfaction: the questionnaire to ask, and the figures of its dashboard."""

from satisfaction.queries.trees import current_version, items_of

__all__ = ["current_version", "items_of"]
