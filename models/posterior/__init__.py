"""Targets whose posterior is known in closed form."""
