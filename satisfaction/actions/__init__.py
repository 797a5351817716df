"""Every change of satisfaction's rows, one function each."""

from satisfaction.actions.decisions import decide
from satisfaction.actions.measures import check_measure, create_measure, finish_measure
from satisfaction.actions.responses import exclude_response, record_response
from satisfaction.actions.trees import publish_version

__all__ = [
    "check_measure",
    "create_measure",
    "decide",
    "exclude_response",
    "finish_measure",
    "publish_version",
    "record_response",
]
