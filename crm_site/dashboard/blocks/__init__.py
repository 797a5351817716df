"""The blocks of the home page, in the order in which they stand; each knows for whom it is."""

from __future__ import annotations

from crm_site.dashboard.blocks.admin import imports_and_jobs
from crm_site.dashboard.blocks.base import Block, Moment, Tile
from crm_site.dashboard.blocks.desk import calls
from crm_site.dashboard.blocks.scores import coverage, satisfaction
from crm_site.dashboard.blocks.stores import stores
from crm_site.dashboard.blocks.tickets import reports, tickets

#: what needs me first, then the figures, then what runs by itself
BLOCKS = (calls, tickets, stores, satisfaction, coverage, reports, imports_and_jobs)


def blocks_for(at: Moment) -> list[Block]:
    """The blocks of every role that the user has in the visible stores."""
    return [block for make in BLOCKS if (block := make(at)) is not None]


__all__ = ["Block", "Moment", "Tile", "blocks_for"]
