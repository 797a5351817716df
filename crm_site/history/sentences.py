"""Turns entries of the trail into sentences in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import wording as complaints

#: action -> what happened, as a short sentence; an action without one is shown by its code
SENTENCES: dict[str, str | Promise] = {
    "employee.created": _("Employee added to the roster"),
    "employee.changed": _("Employee's facts corrected"),
    "employee.posted": _("Employee given a new post"),
    "employee.left": _("Employee's last day recorded"),
    "user.created": _("Sign-in given"),
    "user.role_changed": _("Role changed"),
    "user.enabled": _("Sign-in switched on"),
    "user.disabled": _("Sign-in switched off"),
    "user.password_changed": _("Own password changed"),
    "user.password_reset": _("New first password given"),
    "customer.created": _("Card made"),
    "customer.changed": _("Facts corrected"),
    "customer.filled_in_call": _("Facts completed in a call"),
    "customer.restricted": _("Card restricted"),
    "customer.unrestricted": _("Restriction taken back"),
    "customer.refuses_calls": _("Wants no more calls"),
    "phone.added": _("Number added"),
    "phone.changed": _("Number corrected"),
    "phone.removed": _("Number removed"),
    "phone.found_good": _("Number good again"),
    "contact.added": _("Contact added"),
    "contact.changed": _("Contact corrected"),
    "ban.set": _("Wish noted"),
    "ban.lifted": _("Wish taken back"),
    "vehicle.role_added": _("Role on a vehicle noted"),
    "vehicle.role_ended": _("Role on a vehicle ended"),
    "vehicle.created": _("Vehicle entered"),
    "vehicle.changed": _("Vehicle's facts corrected"),
    "vehicle.filled_in_call": _("Vehicle's facts completed in a call"),
    "vehicle.state_changed": _("Vehicle's state changed"),
    "vehicle.sold_on": _("Vehicle sold on"),
    "phone.revealed": _("Number looked at"),
    "phone.found_bad": _("Number found bad"),
    "response.recorded": _("Answers of a customer recorded"),
    "response.excluded": _("Response taken out of the scores"),
    "questionnaire.published": _("Questionnaire published"),
    "measure.created": _("Improvement measure begun"),
    "measure.finished": _("Improvement measure ended"),
    "demo.loaded": _("Demo world loaded"),
    "file.fetched": _("File downloaded"),
    "file.stored": _("File stored"),
    "import.uploaded": _("File brought in for import"),
    "import.corrected": _("Cells of an import corrected"),
    "import.confirmed": _("Import confirmed"),
    "import.applied": _("Import written"),
    "import.refused": _("File refused"),
    "import.repairs": _("File recognised as the error workbook of an earlier import"),
    "import.errors_exported": _("Error workbook built"),
    "import.abandoned": _("Import given up"),
    "import.explained": _("Sheets, columns or words of a file explained"),
    "import.ruled": _("Rows of an import decided"),
    "import.undo_confirmed": _("Undo of an import confirmed"),
    "import.undone": _("Import undone"),
    "job.cancelled": _("Job stopped"),
    "job.retried": _("Job tried again"),
    "report.exported": _("Monthly report exported"),
    "report.published": _("Monthly report published"),
    "report.reopened": _("Monthly report reopened"),
    "revisit.called": _("Call saved"),
    "revisit.claimed": _("Call taken, number shown"),
    "revisit.released": _("Call given back"),
    "revisit.ended_by_hand": _("Call ended by hand"),
    "revisit.stopped": _("Call stopped by a new fact"),
    "revisit_rule.changed": _("Revisit rule changed"),
    "revisits.withdrawn": _("Calls withdrawn before an undo"),
    "revisits.generated": _("List of calls updated"),
    "worktime.day_added": _("Day added to the calendar"),
    "worktime.day_changed": _("Day of the calendar changed"),
    "worktime.day_removed": _("Day taken out of the calendar"),
    "worktime.hours_changed": _("Opening hours changed"),
    "worktime.list_loaded": _("Year's holidays loaded"),
    "worktime.rota_changed": _("Desk's rota changed"),
    "complaint.opened": complaints.DONE["open"],
    **{f"complaint.{step}": words for step, words in complaints.DONE.items()},
}

#: subject type -> what it is
SUBJECTS: dict[str, str | Promise] = {
    "accounts.employee": _("Employee"),
    "accounts.user": _("User"),
    "accounts.store": _("Store"),
    "customers.customer": _("Customer"),
    "customers.vehicle": _("Vehicle"),
    "customers.phone": _("Phone"),
    "complaints.complaint": _("Complaint"),
    "revisits.revisit": _("Revisit"),
    "satisfaction.response": _("Response"),
    "satisfaction.questionnaireversion": _("Questionnaire"),
    "satisfaction.externalresult": _("External result"),
    "satisfaction.improvementmeasure": _("Improvement measure"),
    "imports.importbatch": _("Import"),
    "files.storedfile": _("File"),
    "jobs.job": _("Background job"),
    "reports.monthlyreport": _("Monthly report"),
    "worktime.calendarday": _("Day of the calendar"),
    "revisits.revisitrule": _("Revisit rule"),
    "revisits.ruleversion": _("Revisit rule"),
    "revisits.pastcall": _("Past call"),
    "revisits.generationrun": _("Run of the call list"),
    "customers.contact": _("Contact"),
    "customers.contactban": _("Wish not to be contacted"),
}


def sentence(action: str) -> str:
    """What happened, in words; the code itself where there are none yet."""
    return str(SENTENCES.get(action, action))


def subject(subject_type: str) -> str:
    """What it happened to, in words."""
    return str(SUBJECTS.get(subject_type, subject_type))
