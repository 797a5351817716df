"""Who we serve and what happened to their cars."""
