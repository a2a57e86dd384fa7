"""What a simulation writes and what is read from it; docs/recording.md describes the file."""
