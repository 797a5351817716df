"""The ticket from "unhappy" to "closed and confirmed"."""
