"""Every change of satisfaction's rows, one function each."""

from satisfaction.actions.alerts import keep_alerts, take_note
from satisfaction.actions.decisions import decide
from satisfaction.actions.measures import check_measure, create_measure, finish_measure
from satisfaction.actions.responses import exclude_response, record_response
from satisfaction.actions.tablet import check_hand_over, decline, finish, hand_over, keep_draft
from satisfaction.actions.trees import publish_version

__all__ = [
    "keep_alerts",
    "take_note",
    "check_hand_over",
    "check_measure",
    "create_measure",
    "decide",
    "decline",
    "exclude_response",
    "finish",
    "finish_measure",
    "hand_over",
    "keep_draft",
    "publish_version",
    "record_response",
]
