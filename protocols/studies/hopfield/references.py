"""Values from another implementation, to be drawn beside ours: points (x, y)."""

from __future__ import annotations

__all__ = ["BIT_ERRORS", "CORRELATED", "DREAMS", "MELTING", "OVERLAPS"]

Points = tuple[tuple[float, ...], tuple[float, ...]]

#: α and m from the pattern, N = 2000, asynchronous, no noise: the mean over all patterns of six networks of another
#: implementation. The second is 0.951 ± 0.003 (standard error), the third "about 0.78".
OVERLAPS: Points = ((0.10, 0.138, 0.15), (0.998, 0.951, 0.78))
#: α and the one-step bit error.
BIT_ERRORS: Points = ((0.105, 0.138, 0.185), (0.00101, 0.00355, 0.0100))
#: T and m by convention.
MELTING: dict[str, Points] = {
    "glauber": ((0.4, 0.8), (0.98, 0.70)),
    "logistic": ((0.2, 0.4), (0.98, 0.70)),
}
#: α → dreams per neuron and m, for N = 200 and λ = 0.01. After 60 dreams per neuron m is "about 0.2" at every α.
DREAMS: dict[float, Points] = {
    0.3: ((0, 14, 60), (0.39, 1.00, 0.2)),
    0.5: ((0, 42, 60), (0.34, 1.00, 0.2)),
}
#: Correlation and m of Hebb's rule at α = 0.2. "About 0.3" comes without its correlation c; √c is 0.3 near 0.1.
CORRELATED: Points = ((0.1,), (0.3,))
