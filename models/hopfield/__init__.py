"""Hopfield networks: storage rules, dynamics, patterns, theory."""

from spikingsampling.models.hopfield.dynamics import CONVENTIONS
from spikingsampling.models.hopfield.network import CODINGS, STORAGE_RULES, UPDATES, Hopfield
from spikingsampling.models.hopfield.patterns import (
    correlated_patterns,
    corrupt,
    decode_text,
    digit_patterns,
    encode_text,
    random_patterns,
    sharing_patterns,
    strike_out,
)

__all__ = [
    "CODINGS",
    "CONVENTIONS",
    "STORAGE_RULES",
    "UPDATES",
    "Hopfield",
    "correlated_patterns",
    "corrupt",
    "decode_text",
    "digit_patterns",
    "encode_text",
    "random_patterns",
    "sharing_patterns",
    "strike_out",
]
