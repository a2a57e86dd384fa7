"""Loaders of the data sets and their registry."""
