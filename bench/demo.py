"""How long the demo world takes to load, on either engine (goal 60 s on SQLite, which `make run` uses)."""

from bench._demo import demo_world, engine
from bench.figure import figure

GOAL_SECONDS = 60


def main() -> int:
    """Load it once on each engine; 1 when the goal is missed."""
    met = []
    for embedded in (True, False):
        with demo_world(embedded=embedded) as (stack, seconds):
            met.append(figure(f"demo-load-{engine(stack)}", seconds, "s", goal=GOAL_SECONDS))
    return 0 if all(met) else 1
