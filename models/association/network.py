"""The audio-visual association network (Kappel et al., NIPS 2015, section 4; Fournier's report, section 3.4).

Two populations of winner-take-all circuits, one that sees an image and one that hears a sound. Each population has
feed-forward potential synapses from its own modality, and lateral potential synapses in blocks that can be switched
separately. Nothing tells the network which image belongs to which sound but their coincidence.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from spikingsampling.network.description import Network, Population, Projection, Source, all_to_all, connect
from spikingsampling.network.parameters import CircuitParameters, SynapseConstants
from spikingsampling.parameters import Parameters

__all__ = ["AUDITORY", "MODALITIES", "VISUAL", "AssociationParameters", "association_network"]

VISUAL, AUDITORY = MODALITIES = ("visual", "auditory")


class LateralBlocks(Parameters):
    """Which pairs of neurons have a lateral potential synapse.

    Fournier's report, section 3.4: inside a circuit, and to the matching circuit of the other modality; others allowed.
    """

    within_circuit: bool = Field(False, description="between the neurons of a circuit")
    across_circuits: bool = Field(False, description="between the circuits of a modality")
    matching_circuit: bool = Field(
        True, description="to the circuit of the same number in the other modality"
    )
    other_circuits: bool = Field(True, description="to the other circuits of the other modality")


class ProjectionConstants(Parameters):
    """Constants that projections have of their own, by the name of the projection."""

    visual_input_to_visual: SynapseConstants = SynapseConstants()
    auditory_input_to_auditory: SynapseConstants = SynapseConstants()
    visual_to_auditory: SynapseConstants = SynapseConstants()
    auditory_to_visual: SynapseConstants = SynapseConstants()
    visual_to_visual: SynapseConstants = SynapseConstants()
    auditory_to_auditory: SynapseConstants = SynapseConstants()


class AssociationParameters(Parameters):
    """Sizes, blocks and constants of the association network.

    The adaptation is weaker than in experiment 4 of Kappel et al., PLOS Comput Biol 2015. With −8 one spike changes β
    by about 3 nats, as much as a sound tells the visual circuits through learnt lateral synapses.
    """

    n_circuits: int = Field(4, ge=1, le=1000, description="circuits per modality (Fournier's report)")
    circuit_size: int = Field(10, ge=2, le=1000, description="neurons per circuit (Kappel et al., NIPS 2015)")
    blocks: LateralBlocks = LateralBlocks()
    circuit: CircuitParameters = CircuitParameters(adaptation=-0.7)
    projections: ProjectionConstants = ProjectionConstants()


def lateral_mask(parameters: AssociationParameters, pre: str, post: str) -> NDArray[np.bool_]:
    """Which neuron pairs (n_pre, n_post) of two populations have a potential synapse."""
    circuit = Population(pre, parameters.n_circuits, parameters.circuit_size).circuit
    same = circuit[:, None] == circuit[None, :]
    blocks = parameters.blocks
    if pre == post:
        mask = np.where(same, blocks.within_circuit, blocks.across_circuits)
        np.fill_diagonal(mask, False)
        return mask
    return np.where(same, blocks.matching_circuit, blocks.other_circuits)


def association_network(parameters: AssociationParameters, n_visual: int, n_auditory: int) -> Network:
    """The association network for images of ``n_visual`` and sounds of ``n_auditory`` inputs.

    Sources and populations are both called ``visual`` and ``auditory``; a projection is called
    ``<pre>_input_to_<post>`` where it comes from a source, else ``<pre>_to_<post>``.
    """
    sources = [
        Source(f"{name}_input", size) for name, size in zip(MODALITIES, (n_visual, n_auditory), strict=True)
    ]
    populations = [Population(name, parameters.n_circuits, parameters.circuit_size) for name in MODALITIES]
    projections: list[Projection] = [
        all_to_all(source, population) for source, population in zip(sources, populations, strict=True)
    ]
    for pre in MODALITIES:
        for post in MODALITIES:
            if (mask := lateral_mask(parameters, pre, post)).any():
                projections.append(connect(f"{pre}_to_{post}", pre, post, mask))
    projections = [replace(p, constants=getattr(parameters.projections, p.name)) for p in projections]
    return Network(sources, populations, projections, parameters.circuit)
