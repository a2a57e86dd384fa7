"""What experiments with remembered directions measure and draw."""
