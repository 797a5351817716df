"""The pages of complaints: the list, one ticket, its steps, and reporting a new one."""
