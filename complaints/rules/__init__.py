"""The rules of complaints as plain tables and arithmetic: transitions, clocks, levels, conflicts, escalation."""
