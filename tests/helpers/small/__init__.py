"""Small networks, simulations, tasks, patterns and trainings, shared by tests."""
