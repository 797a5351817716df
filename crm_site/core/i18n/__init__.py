"""Translations without system gettext: parts merged and compiled, strings found in the code, gaps reported."""
