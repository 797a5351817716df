"""Makes the due calls of a store: facts and rules in, revisits and skips out; safe to run again, or five at once."""

from revisits.generator.run import generate

__all__ = ["generate"]
