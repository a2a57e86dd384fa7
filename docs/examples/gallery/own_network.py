"""
Your own Brian2 network
=======================

Synaptic sampling in a script of your own: 200 excitatory and 50 inhibitory integrate-and-fire neurons, whose excitatory
synapses on each other sample their parameters. Inhibition keeps the activity irregular while synapses come and go.
"""

import brian2 as b2
import matplotlib.pyplot as plt
import numpy as np
from brian2 import Hz, ms, second

import spikingsampling as ss

b2.prefs.codegen.target = "numpy"
b2.defaultclock.dt = 0.5 * ms
b2.seed(1)
rng = np.random.default_rng(1)
n_exc, n_inh = 200, 50
model = "dv/dt = -v/(20*ms) : 1 (unless refractory)"
neurons = b2.NeuronGroup(
    n_exc + n_inh, model, threshold="v > 1", reset="v = 0", refractory=2 * ms, method="exact"
)
neurons.v = rng.uniform(size=n_exc + n_inh)
excitatory, inhibitory = neurons[:n_exc], neurons[n_exc:]
drive = b2.PoissonInput(neurons, "v", N=100, rate=9 * Hz, weight=0.06)

parameters = ss.CircuitParameters(b="1e-3 /s", n_examples=100, alpha=0.5)
code = ss.synapse_code(ss.SamplingRule(), parameters)
recurrent = b2.Synapses(
    excitatory, excitatory, code.model, on_pre=code.on_pre + "\nv_post += 0.3*w", on_post=code.on_post
)
recurrent.connect(condition="i != j", p=0.2)
recurrent.theta = parameters.prior.sample(rng, len(recurrent))
code.attach(recurrent)
others = [b2.Synapses(excitatory, inhibitory, on_pre="v_post += 0.03")]
others.append(b2.Synapses(inhibitory, neurons, on_pre="v_post -= 0.15"))
for synapses in others:
    synapses.connect(p=0.2)

spikes = b2.SpikeMonitor(neurons)
before = np.array(recurrent.theta)
b2.Network(neurons, drive, recurrent, *others, spikes).run(10 * second)

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained", width_ratios=(2, 1))
axes[0].plot(spikes.t / second, spikes.i, ",k")
axes[0].set(xlabel="time (s)", ylabel="neuron (inhibitory from 200)")
axes[1].plot(before, recurrent.theta[:], ".", ms=1)
axes[1].set(xlabel="θ at the start", ylabel="θ after 10 s")
plt.show()
