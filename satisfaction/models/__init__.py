"""The tables of satisfaction: questionnaires and versions, responses and answers, sums, measures, targets, surveys."""

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
from satisfaction.models.steering import Digest, Target
from satisfaction.models.summaries import Dimension, Subject, Summary, SummaryDelta
from satisfaction.models.trees import Attribution, Factor, Question, QuestionKind, Questionnaire, QuestionnaireVersion

__all__ = [
    "Answer",
    "AnswerAttribution",
    "Attribution",
    "Decision",
    "Digest",
    "Dimension",
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
    "Subject",
    "Summary",
    "SummaryDelta",
    "Target",
]
