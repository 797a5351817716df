"""The pages of background work: the ledger of jobs, and the room that says how the installation is."""

from crm_site.jobs.views.installation import room
from crm_site.jobs.views.ledger import cancel, list_jobs, retry

__all__ = ["cancel", "list_jobs", "retry", "room"]
