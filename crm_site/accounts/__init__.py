"""Stores, employees and their posts, users, roles, and who may see what."""
