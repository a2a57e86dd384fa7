"""Simulations: stimuli and their encoding, segments, responses, moments from which simulations branch."""
