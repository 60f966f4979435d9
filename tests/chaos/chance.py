"""Chance, as one seed gives it."""

from random import Random


def chance(seed: int, part: str) -> Random:
    """What one part of a run draws from; each has its own, so that no part's draws shift those of another."""
    return Random(f"{seed}:{part}")  # noqa: S311  # Nothing is secret in it.
