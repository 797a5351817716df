"""The tables of satisfaction: questionnaires and versions, responses and answers, sums, alerts, measures, targets, surveys."""

from satisfaction.models.alerts import Alert
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
from satisfaction.models.sittings import Sitting
from satisfaction.models.steering import Digest, Target
from satisfaction.models.summaries import Dimension, StoreSums, Subject, Summary, SummaryDelta
from satisfaction.models.trees import Attribution, Factor, Question, QuestionKind, Questionnaire, QuestionnaireVersion

__all__ = [
    "Alert",
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
    "Sitting",
    "StoreSums",
    "Subject",
    "Summary",
    "SummaryDelta",
    "Target",
]
