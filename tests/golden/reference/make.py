"""Writes the reference trajectories beside this file: python3 make.py

NAdam, RAdam and RMSprop are PyTorch's own optimizers, run in float64. AdaBelief (arXiv 2010.07468,
Algorithm 2) and Lion (arXiv 2302.06675, Algorithm 2) are written down from the papers, in numpy.

Each file has options, initial parameters, gradients by step, and for each trace the parameters after
every step and the state after the last one, under the names that the reference has for it. Initial
parameters and gradients are float32 numbers, so that every arithmetic starts from the same.

NAdam runs in its "foreach" form: in the other one PyTorch 1.13 multiplies mu_t twice into the
product up to t + 1, which is not what its documentation says, and was mended later.
"""

import json
import pathlib
import random
import struct

import numpy as np
import torch

STEPS = 30
INITIAL = [0.5, -1.0, 2.0, -0.25]
SCALES = [1.0, 0.01, 10.0, 1.0]

torch.set_default_dtype(torch.float64)  # NAdam's product of momenta has the default type


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def gradients():
    """Noise around a mean; the last element's gradient is 0 in every third step, and then 1e-4."""
    draw = random.Random(7)
    rows = []
    for step in range(STEPS):
        row = [float32(scale * (0.5 + draw.gauss(0, 1))) for scale in SCALES]
        if step % 3 == 0:
            row[3] = 0.0
        if step % 3 == 1:
            row[3] = float32(1e-4)
        rows.append(row)
    return rows


GRADIENTS = gradients()


def pytorch(create, names):
    """The parameters after each step of an optimizer of PyTorch's, and its last state."""
    parameter = torch.nn.Parameter(torch.tensor(INITIAL))
    optimizer = create([parameter])
    parameters = []
    for row in GRADIENTS:
        parameter.grad = torch.tensor(row)
        optimizer.step()
        parameters.append(parameter.detach().tolist())
    state = optimizer.state[parameter]
    return parameters, {name: state[name].tolist() for name in names}


def nadam(learningRate, beta1, beta2, epsilon, momentumDecay, weightDecay):
    return pytorch(
        lambda parameters: torch.optim.NAdam(
            parameters, lr=learningRate, betas=(beta1, beta2), eps=epsilon,
            momentum_decay=momentumDecay, weight_decay=weightDecay, foreach=True,
        ),
        ["exp_avg", "exp_avg_sq"],
    )


def radam(learningRate, beta1, beta2, epsilon, weightDecay):
    return pytorch(
        lambda parameters: torch.optim.RAdam(
            parameters, lr=learningRate, betas=(beta1, beta2), eps=epsilon,
            weight_decay=weightDecay, foreach=False,
        ),
        ["exp_avg", "exp_avg_sq"],
    )


def rmsprop(learningRate, alpha, epsilon, momentum, centered, weightDecay):
    return pytorch(
        lambda parameters: torch.optim.RMSprop(
            parameters, lr=learningRate, alpha=alpha, eps=epsilon, momentum=momentum,
            centered=centered, weight_decay=weightDecay, foreach=False,
        ),
        ["square_avg"]
        + (["grad_avg"] if centered else [])
        + (["momentum_buffer"] if momentum > 0 else []),
    )


def adabelief(learningRate, beta1, beta2, epsilon, weightDecay, decoupledWeightDecay):
    theta = np.array(INITIAL)
    m = np.zeros_like(theta)
    s = np.zeros_like(theta)
    parameters = []
    for t, row in enumerate(GRADIENTS, start=1):
        g = np.array(row)
        if decoupledWeightDecay:
            theta = theta - learningRate * weightDecay * theta
        else:
            g = g + weightDecay * theta
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + epsilon
        corrected_m = m / (1 - beta1**t)
        corrected_s = s / (1 - beta2**t)
        theta = theta - learningRate * corrected_m / (np.sqrt(corrected_s) + epsilon)
        parameters.append(theta.tolist())
    return parameters, {"m": m.tolist(), "s": s.tolist()}


def lion(learningRate, beta1, beta2, weightDecay, decoupledWeightDecay):
    theta = np.array(INITIAL)
    m = np.zeros_like(theta)
    parameters = []
    for row in GRADIENTS:
        g = np.array(row)
        if not decoupledWeightDecay:
            g = g + weightDecay * theta
        c = beta1 * m + (1 - beta1) * g
        decay = weightDecay * theta if decoupledWeightDecay else 0
        theta = theta - learningRate * (np.sign(c) + decay)
        m = beta2 * m + (1 - beta2) * g
        parameters.append(theta.tolist())
    return parameters, {"m": m.tolist()}


def write(name, source, run, defaults, changes):
    traces = []
    for change in changes:
        options = {**defaults, **change}
        parameters, state = run(**options)
        traces.append({"options": options, "parameters": parameters, "state": state})
    golden = {
        "optimizer": name,
        "source": source,
        "initial": INITIAL,
        "gradients": GRADIENTS,
        "traces": traces,
    }
    path = pathlib.Path(__file__).with_name(f"{name}.json")
    path.write_text(json.dumps(golden) + "\n")


PYTORCH = f"PyTorch {torch.__version__}, torch.optim."
NUMPY = f"in numpy {np.__version__}"
ADAM = {"learningRate": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0}

write("nadam", PYTORCH + "NAdam", nadam, {**ADAM, "momentumDecay": 0.004}, [
    {},
    {"weightDecay": 0.1},
    {"momentumDecay": 0.5, "beta1": 0.95, "beta2": 0.9},
    {"momentumDecay": 0, "epsilon": 0.1},
    {"beta1": 0},
])
write("radam", PYTORCH + "RAdam", radam, ADAM, [
    {},
    {"weightDecay": 0.1},
    {"beta1": 0.8, "beta2": 0.9},
    {"beta2": 0.6},  # too short an average to divide by, at any step
    {"epsilon": 0.1, "beta2": 0.99},
])
write(
    "rmsprop",
    PYTORCH + "RMSprop",
    rmsprop,
    {"learningRate": 0.01, "alpha": 0.99, "epsilon": 1e-8, "momentum": 0, "centered": False,
     "weightDecay": 0},
    [
        {},
        {"weightDecay": 0.1, "alpha": 0.9},
        {"momentum": 0.9},
        {"centered": True},
        {"centered": True, "momentum": 0.5, "alpha": 0.8, "weightDecay": 0.1, "epsilon": 0.01},
    ],
)
write(
    "adabelief",
    "arXiv 2010.07468, Algorithm 2, " + NUMPY,
    adabelief,
    {**ADAM, "epsilon": 1e-16, "decoupledWeightDecay": True},
    [
        {},
        {"epsilon": 1e-3},
        {"weightDecay": 0.1, "beta2": 0.9},
        {"weightDecay": 0.1, "decoupledWeightDecay": False},
    ],
)
write(
    "lion",
    "arXiv 2302.06675, Algorithm 2, " + NUMPY,
    lion,
    {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "weightDecay": 0,
     "decoupledWeightDecay": True},
    [
        {},
        {"weightDecay": 0.5},
        {"weightDecay": 0.5, "decoupledWeightDecay": False, "beta1": 0.5, "beta2": 0.5},
    ],
)
