"""When a store and its desk are open: hours, rota, holidays, make-up days; working-time arithmetic."""
