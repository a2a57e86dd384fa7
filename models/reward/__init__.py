"""What is rewarded: a bandit whose law is known exactly, and networks of spiking neurons."""

from spikingsampling.models.reward.bandit import TwoArmedBandit, stationary_moments
from spikingsampling.models.reward.lever import LeverPress
from spikingsampling.models.reward.patterns import TwoPatterns
from spikingsampling.models.reward.reaching import Reaching

__all__ = ["LeverPress", "Reaching", "TwoArmedBandit", "TwoPatterns", "stationary_moments"]
