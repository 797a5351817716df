"""The forms of tickets: one for reporting, one for each step."""

from complaints.forms.base import StepForm
from complaints.forms.editing import EditForm
from complaints.forms.fields import EmployeeField
from complaints.forms.reporting import ReportForm
from complaints.forms.steps import FORMS as STEPS

#: action -> its form
FORMS = {**STEPS, "edit": EditForm}

__all__ = ["FORMS", "EditForm", "EmployeeField", "ReportForm", "StepForm"]
