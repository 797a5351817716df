"""What every installation has from the start: the official holidays of the last years that the library knows."""

from crm_site.worktime import actions, official


def install() -> int:
    """Load the recent official lists; returns how many days were added. Safe to run again."""
    return sum(actions.load_official_holidays(year).added for year in official.recent_years())
