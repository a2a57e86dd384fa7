"""
The association experiment, piece by piece
==========================================

Two populations learn images and sounds of the same digits, after Kappel et al., NIPS 2015, section 4. Then one modality
falls silent, and the other has to recall it. The command

.. code-block:: console

    spikingsampling run association

does all that follows, with more training, more tests, and figures. Here its pieces are used one by one, on a network
that is smaller and trained more briefly. Its numbers are no result: :doc:`/results/association` has those.
"""

import matplotlib.pyplot as plt
import numpy as np

import spikingsampling as ss
from spikingsampling.analysis import Readout
from spikingsampling.data import load_images, load_speech, speakers_of
from spikingsampling.models.association import (
    AssociationParameters,
    AssociationTask,
    RecallTest,
    Stimulation,
    association_network,
    run_stage,
    training_stage,
)

# %%
# Data become rates
# -----------------
# Nothing is downloaded: images come with scikit-learn, and speech is synthetic. Training and test sets share no item.
# An :class:`~spikingsampling.models.association.task.AssociationTask` turns them into rates.

digits = (1, 2)
images = {split: load_images("embedded", split, digits) for split in ("train", "test")}
speaker = speakers_of("embedded")[:1]
speech = {split: load_speech("embedded", split, digits, speaker) for split in ("train", "test")}
task = AssociationTask.make(digits, images, speech, Stimulation(max_images=20))

figure, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
for column, digit in enumerate(digits):
    for row, (source, shape) in enumerate({"visual_input": (28, 28), "auditory_input": (8, 77)}.items()):
        item = task.items(source, "train", digit)[0]
        rates = task.stimuli.libraries[source].rates[item].reshape(shape)
        upright = rates if row == 0 else rates.T[::-1]
        axes[row, column].imshow(upright, cmap="magma", aspect="equal" if row == 0 else "auto")
        axes[row, column].set(title=f"{source}, digit {digit}", xticks=[], yticks=[])
plt.show()

# %%
# The network
# -----------
# Each population sees its own modality. Lateral potential synapses join the two, and nothing else tells them which
# image belongs to which sound.

parameters = AssociationParameters(n_circuits=2, circuit_size=4)
network = association_network(parameters, n_visual=28 * 28, n_auditory=8 * 77)
for projection in network.projections:
    print(f"{projection.name}: {len(projection.pre_index)} potential synapses")

# %%
# Training and tests are stages
# -----------------------------
# A stage says how long it takes, which items are drawn, which sources show them, and whether the network learns.
# Pairs of training items are learnt. After that, held-out items are shown in one modality alone. The adaptation of the
# neurons has to settle before, since a modality that falls silent changes all rates.

stages = [
    training_stage(180.0, "sampling"),
    *RecallTest(settle="40 s", measure="20 s").stages(("training", "joint", "auditory", "visual")),
]
rng = np.random.default_rng(1)
responses = {}
with ss.Simulation(network, task.stimuli, seed=1, segment=10.0) as simulation:
    for stage in stages:
        response = run_stage(task, simulation, stage, rng)
        if stage.test:
            responses[stage.test] = response

# %%
# Recall is read out
# ------------------
# A linear readout learns to name the digit from the spikes of a population while both modalities are shown. Then it is
# applied to the same neurons while their own modality is silent: what they say then came through lateral synapses.

skip = 0.08  # s; the presentation before still acts
names = {"joint": "both shown", "auditory": "sound alone", "visual": "image alone"}
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for offset, population in ((-0.2, "visual"), (0.2, "auditory")):
    shown = responses["training"]
    readout = Readout().fit(shown.counts(population, skip), shown.labels)
    right = [
        np.mean(readout.predict(responses[test].counts(population, skip)) == responses[test].labels)
        for test in names
    ]
    ax.bar(np.arange(3) + offset, right, 0.35, label=f"{population} neurons")
ax.axhline(0.5, color="grey", ls=":")
ax.set(xticks=range(3), xticklabels=names.values(), ylabel="digits named rightly", ylim=(0, 1))
ax.legend(loc="lower right")
plt.show()
