"""Lesions of the association network, and how it rewires."""
