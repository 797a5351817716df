"""The designer's changes: drafts are made, edited and thrown away; versions are published and retired."""

from satisfaction.actions.trees.drafts import copy_version, create_draft, delete_draft, save_draft
from satisfaction.actions.trees.publishing import publish_version, retire_version
from satisfaction.actions.trees.questionnaires import create_questionnaire, own_questionnaire, shorten_version

__all__ = [
    "copy_version",
    "create_draft",
    "create_questionnaire",
    "delete_draft",
    "own_questionnaire",
    "publish_version",
    "retire_version",
    "save_draft",
    "shorten_version",
]
