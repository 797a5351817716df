"""What a designer of questionnaires types: the editor of a draft, a new questionnaire, a workbook brought in."""

from satisfaction.forms.trees.editor import Editor
from satisfaction.forms.trees.starting import CopyForm, NewQuestionnaireForm, WorkbookForm

__all__ = ["CopyForm", "Editor", "NewQuestionnaireForm", "WorkbookForm"]
