"""Three steps of PyTorch's optimizers from 1, with gradients 0.5, -0.25 and 0.75, for docs/coming_from.md;
and of two that PyTorch does not have, written down from their papers.

Debian's python3-torch: python3 tests/golden/docs/one_step.py > tests/golden/docs/one_step.json
"""

import json
import math

import torch

CASES = {
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.01),
    "amsgrad": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.01, amsgrad=True),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.1, foreach=True),
    "radam": lambda p: torch.optim.RAdam(p, lr=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9),
}



def lion(gradients, rate=0.1, beta1=0.9, beta2=0.99):
    """arXiv 2302.06675, Algorithm 2, without weight decay."""
    parameter, m = 1.0, 0.0
    for g in gradients:
        c = beta1 * m + (1 - beta1) * g
        parameter -= rate * ((c > 0) - (c < 0))
        m = beta2 * m + (1 - beta2) * g
        yield parameter


def adabelief(gradients, rate=0.1, beta1=0.9, beta2=0.999, epsilon=1e-16):
    """arXiv 2010.07468, Algorithm 2, whose epsilon is added to s at every step."""
    parameter, m, s = 1.0, 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + epsilon
        mhat, shat = m / (1 - beta1**t), s / (1 - beta2**t)
        parameter -= rate * mhat / (math.sqrt(shat) + epsilon)
        yield parameter


GRADIENTS = (0.5, -0.25, 0.75)
values = {}
for name, create in CASES.items():
    parameter = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = create([parameter])
    values[name] = []
    for gradient in GRADIENTS:
        parameter.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        values[name].append(parameter.item())
values["lion"] = list(lion(GRADIENTS))
values["adabelief"] = list(adabelief(GRADIENTS))
print(json.dumps({"torch": torch.__version__, "values": values}, indent=2))
