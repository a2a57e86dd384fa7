"""Constants for the tests of the NumPy reference."""

from spikingsampling import CircuitParameters

DEFAULTS = CircuitParameters()


#: No learning, no adaptation: only traces move.
STATIC = DEFAULTS.replace(b=0, adaptation=0)


#: Chance of a false alarm of each statistical test.
P_MIN = 1e-4
