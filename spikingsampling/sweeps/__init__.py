"""Many runs of a protocol: what they are, how they are scheduled, and how their results are compared."""
