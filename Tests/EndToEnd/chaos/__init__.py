"""Whole workers under a seeded rain of faults, and a balance of what came of it, drawn up from outside only."""
