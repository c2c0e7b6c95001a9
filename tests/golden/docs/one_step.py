"""Three steps of PyTorch's optimizers from 1, with gradients 0.5, -0.25 and 0.75, for docs/coming_from.md.

Debian's python3-torch: python3 tests/golden/docs/one_step.py > tests/golden/docs/one_step.json
"""

import json

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

values = {}
for name, create in CASES.items():
    parameter = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = create([parameter])
    values[name] = []
    for gradient in (0.5, -0.25, 0.75):
        parameter.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        values[name].append(parameter.item())
print(json.dumps({"torch": torch.__version__, "values": values}, indent=2))
