"""The tables of satisfaction: questionnaires and their versions, responses and answers, measures, surveys."""

from satisfaction.models.external import ExternalResult
from satisfaction.models.measures import ImprovementMeasure
from satisfaction.models.responses import (
    Answer,
    AnswerAttribution,
    Decision,
    EmployeeScore,
    FactorScore,
    Response,
)
from satisfaction.models.trees import Attribution, Factor, Question, QuestionKind, Questionnaire, QuestionnaireVersion

__all__ = [
    "Answer",
    "AnswerAttribution",
    "Attribution",
    "Decision",
    "EmployeeScore",
    "ExternalResult",
    "Factor",
    "FactorScore",
    "ImprovementMeasure",
    "Question",
    "QuestionKind",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
]
