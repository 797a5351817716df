"""Figures of a month become a draft, a published snapshot, charts and workbooks."""
