"""Keeping an installation well: the rights of its database role, and the doctor who says what is wrong."""
