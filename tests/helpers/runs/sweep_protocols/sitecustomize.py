"""Puts the protocols of this folder beside the installed ones, in every Python process of a test."""

import os

import spikingsampling.protocols

spikingsampling.protocols.__path__.append(os.path.dirname(__file__))
