"""Compiled programs: the C++ project of a network, its compiler, the cache, how a program runs and what is believed."""
