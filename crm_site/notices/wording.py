"""The words of every notice: code → sentence, filled with the notice's plain parameters in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

#: code -> sentence; parameters are codes, numbers and names of files, never personal values
SENTENCES: dict[str, Words] = {
    "account.second_factor_reset": _(
        "An administrator has reset your second factor. If you did not ask for it, tell them at once."
    ),
    "job.failed": _("A background job has failed. Open the jobs page to see which, and try it again."),
    "import.ready": _("“%(file)s” has been read: %(rows)s rows. Look at the preview and confirm."),
    "import.refused": _("“%(file)s” was not accepted. Open it to see why."),
    "import.applied": _("“%(file)s” has been imported: %(new)s new, %(changed)s changed, %(unchanged)s unchanged."),
    "import.workbook": _("The error workbook of “%(file)s” is ready."),
    "import.failed": _("The import of “%(file)s” broke off. What is written stays; open it to continue."),
    "import.undo_planned": _("The undo of “%(file)s” is planned. Look at what it would do and confirm."),
    "import.undone": _(
        "The import of “%(file)s” is undone: %(deleted)s rows deleted, %(restored)s put back, %(kept)s stayed."
    ),
    "revisit.assigned": _("A manager has given you calls: %(count)s."),
    "revisit.handed_over": _("Calls of a colleague were handed over to you: %(count)s."),
    "revisits.generated": _("%(count)s revisits have been scheduled."),
    "looks.many": _("Somebody of your store has looked at %(count)s hidden facts or more today. See which and why."),
    "looks.strangers": _(
        "Somebody of your store has looked today at hidden facts of %(count)s customers or more with whom they have no"
        " task. See which and why."
    ),
    "looks.uncalled": _(
        "Somebody of your store has taken today the calls of %(count)s customers or more, whose numbers were shown, and"
        " called none of them. See whose."
    ),
    "looks.searched": _(
        "Somebody of your store has searched today for %(count)s telephone numbers or parts of one. Ask what for."
    ),
    "privacy.parcel": _("The file with a customer's data is ready to be handed over."),
    "privacy.list": _("The list of %(count)s customers is ready."),
    "privacy.export": _("Somebody of your store has taken out %(count)s rows of personal data. See what and why."),
    "privacy.due": _("Requests of customers about their data are to be answered soon: %(count)s."),
    "report.drafted": _("The draft of the %(month)s report is ready."),
    "report.shown": _("The draft of the %(month)s report is shown until %(until)s. Look at your people, and appeal."),
    "report.own": _("Your line of the %(month)s report is shown until %(until)s. You may appeal until then."),
    "report.due": _("The %(month)s report is due: publish it today."),
    "report.held": _("The %(month)s report was not published by itself. Open it to see what stands in the way."),
    "report.published": _("The %(month)s report has been published."),
    "appeal.raised": _("An appeal against the %(month)s report waits for your decision."),
    "appeal.accepted": _("The appeal against the %(month)s report was accepted."),
    "appeal.rejected": _("The appeal against the %(month)s report was rejected."),
    "measure.check": _("An improvement measure is due for its effectiveness check. Look whether it worked."),
    "digest.week": _("The weekly digest of %(first)s to %(last)s is ready."),
    "digest.month": _("The monthly digest of %(first)s to %(last)s is ready."),
    "score.fell": _("%(count)s scores of %(month)s fell beyond chance. Look at the alerts."),
    "decision.waits": _("Low answers of a customer have waited for a day for a decision. Decide what happens."),
    "complaint.joined": _("The matter of complaint %(number)s has come again from another source: %(other)s."),
    "complaint.evidence": _("The evidence pack of complaint %(number)s is ready."),
    "complaint.assigned": _("Complaint %(number)s has been given to you."),
    "complaint.escalated": _("Complaint %(number)s needs your attention: its deadline is near or past."),
    "complaint.escalated_at_once": _("Complaint %(number)s, level %(level)s, has come in."),
    "complaint.escalated_for_head": _(
        "Complaint %(number)s needs your attention: its deadline is near or past, and its department has no head."
    ),
    "complaint.escalated_for_manager": _(
        "Complaint %(number)s needs your attention: the store has no customer relations manager to be told."
    ),
    "complaint.escalated_for_specialist": _(
        "Complaint %(number)s needs your attention: the store has no specialist to be told."
    ),
    "complaint.update_missing": _(
        "Grave complaint %(number)s has shown no progress for a day. Write down how it stands."
    ),
    "complaint.reopened": _(
        "Complaint %(number)s has been reopened. Its clock counts anew from %(since)s: a new proposal by %(proposal)s,"
        " closing by %(closing)s."
    ),
    "complaint.to_approve": _("The solution of complaint %(number)s waits for your approval."),
    "complaint.incomplete": _(
        "The customer has confirmed complaint %(number)s, but something is missing before it can be closed. Open it."
    ),
    "complaint.priority": _(
        "Call at once: in complaint %(number)s a customer of your first class complains again within twelve months."
    ),
}


def sentence(code: str, params: Mapping[str, object]) -> str:
    """A notice in words; a code that this version does not know says so without failing, as do missing parameters."""
    words = SENTENCES.get(code)
    if words is None:
        return str(_("Something happened that this version has no words for (%(code)s).")) % {"code": code}
    return str(words) % _Lenient(params)


class _Lenient(dict):
    """Parameters of which a missing one reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
