"""Figures. Every function returns a matplotlib Figure and writes nothing."""
