"""Completion of names in the shell; no protocol is imported for it."""

from __future__ import annotations

from collections.abc import Iterator

import typer

__all__ = ["complete_preset", "complete_protocol"]


def complete_protocol(incomplete: str) -> Iterator[str]:
    """Names of protocols that begin with what was typed."""
    from ..errors import SpikingSamplingError
    from ..experiment import discovery

    try:
        known = discovery.names()
    except SpikingSamplingError:  # a message in the middle of a command line would help nobody
        return
    yield from (name for name in known if name.startswith(incomplete))


def complete_preset(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Presets of the protocol that stands on the command line already."""
    from ..errors import SpikingSamplingError
    from ..experiment import discovery

    # After an option without its value, the words before it are not parsed but left over.
    words = [context.params.get("protocol"), *context.args]
    try:
        known = discovery.names()
        protocol = next((word for word in words if word in known), None)
        presets = discovery.summarise(protocol).presets if protocol else ()
    except SpikingSamplingError:
        return
    yield from (preset for preset in presets if preset.startswith(incomplete))
