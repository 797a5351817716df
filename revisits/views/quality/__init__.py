"""Pages about how well calls are made: inspections, fairness of callers, practice."""
