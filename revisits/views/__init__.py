"""Pages of revisits: the due list, one call's story, what is not called and why, rules; the desk in call.py."""
