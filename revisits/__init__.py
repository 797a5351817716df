"""Whom to call, when, what was said; the call page conducts what follows."""
