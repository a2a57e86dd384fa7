"""What is rewarded: a bandit whose law is known exactly."""

from spikingsampling.models.reward.bandit import TwoArmedBandit, stationary_moments

__all__ = ["TwoArmedBandit", "stationary_moments"]
