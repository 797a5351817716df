"""Every change of satisfaction's rows, one function each."""

from satisfaction.actions.alerts import keep_alerts, take_note
from satisfaction.actions.decisions import decide
from satisfaction.actions.digests import build_digests
from satisfaction.actions.measures import check_measure, create_measure, finish_measure
from satisfaction.actions.responses import exclude_response, include_response, record_response
from satisfaction.actions.tablet import check_hand_over, decline, finish, hand_over, keep_draft
from satisfaction.actions.targets import set_target
from satisfaction.actions.trees import (
    copy_version,
    create_draft,
    create_questionnaire,
    delete_draft,
    own_questionnaire,
    publish_version,
    retire_version,
    save_draft,
    shorten_version,
)

__all__ = [
    "build_digests",
    "set_target",
    "shorten_version",
    "save_draft",
    "retire_version",
    "own_questionnaire",
    "delete_draft",
    "create_questionnaire",
    "create_draft",
    "copy_version",
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
    "include_response",
    "keep_draft",
    "publish_version",
    "record_response",
]
