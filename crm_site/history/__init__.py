"""The audit trail read as sentences."""
