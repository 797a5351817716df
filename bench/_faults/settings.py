"""The product's settings, and kinds of jobs that die, hang and swell on purpose; only for throwaway stacks."""

from crm_site.settings import *  # noqa: F403 - all of them
from crm_site.settings import JOB_KINDS

JOB_KINDS |= {f"faults.{name}": f"bench._faults.work.{name}" for name in ("mark", "die", "hang", "swell", "long")}
