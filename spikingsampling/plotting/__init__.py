"""Figures. Every function returns a matplotlib Figure and writes nothing.

A function of one picture draws on the axes ``ax``, one of several into the ``figure`` (or part of one) that it is
given; without these it makes a figure of its own, which pyplot does not know of.
"""
