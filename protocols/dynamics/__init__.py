"""Protocols of network dynamics without learning."""
