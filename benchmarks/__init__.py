"""Benchmarks against a hand-written C kernel and a naive Brian2 network; see README.md here."""
