"""The settings of a measurement that asks faster than hands do: as everywhere, without the limits on who asks."""

from crm_site.settings import *  # noqa: F403 - they are all the same but one

RATE_LIMITS = False
