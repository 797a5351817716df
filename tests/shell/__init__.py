"""Tests of the look: layouts, components, tags and style sheets."""
