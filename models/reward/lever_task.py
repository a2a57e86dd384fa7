"""The lever as Brian2 equations: cue, movement, reward, pause. Nothing here imports Brian2."""

from __future__ import annotations

__all__ = ["ACT", "LEVER_STEP", "TASK", "WINDOW"]

#: Time between two moves of the lever (s), and how many of them make the window of the pools' rates: SPORE has 500 ms.
LEVER_STEP = 15e-3
_BINS = 33
WINDOW = _BINS * LEVER_STEP

#: Variables of a network's task; ``bin_0`` and so on hold the votes of the window.
TASK = """
votes : 1
lever : 1
stage : 1
clock : second
pause : second
order : 1
pays : 1
mean_reward : 1
reward : 1
trials : 1
successes : 1
seconds : 1
""" + "".join(f"bin_{k} : 1\n" for k in range(_BINS))
_RATE = f"({' + '.join(f'bin_{k}' for k in range(_BINS))})/{WINDOW!r}"
# Stages: 0 pause, 1 to pass the first mark, 2 to pass the second one, 3 rewarded. `order` is 1 for down, then up.
ACT = "\n".join(
    [
        *(f"bin_{k} = bin_{k - 1}" for k in range(_BINS - 1, 0, -1)),
        "bin_0 = votes",
        f"lever = 0.95*lever + 0.05*{_RATE}",
    ]
)
ACT += """
votes = 0
clock += {step!r}*second
begins = int(stage == 0)*int(clock >= pause)
first = int(stage == 1)*int(order*lever < -{mark!r})
done = int(stage == 2)*int(order*lever > {mark!r})
late = int(stage > 0)*int(stage < 3)*(1 - done)*int(clock >= {patience!r}*second)
sated = int(stage == 3)*int(clock >= {meal!r}*second)
trials += done + late
successes += done
seconds += (done + late)*clock/second
clock = clock*(1 - begins)*(1 - done)*(1 - late)*(1 - sated)
pause = pause + (late + sated)*((0.5 + 0.5*rand())*second - pause)
stage = (stage + begins + first*(1 - late) + done)*(1 - late)*(1 - sated)
r = pays*int(stage == 3)
mean_reward += (r - mean_reward)*{rate!r}
reward = r*int(r > 0)/clip(mean_reward, {floor!r}, inf) + ({offset!r})
"""
