"""The forms of tickets: one for reporting, one for each step."""

from complaints.forms.reporting import ReportForm
from complaints.forms.steps import FORMS, EmployeeField, StepForm

__all__ = ["FORMS", "EmployeeField", "ReportForm", "StepForm"]
