"""Prints what PyTorch's schedulers give, step by step, as JSON: tests/golden/schedules/torch.json.

    python3 tests/schedules/torch_rates.py > tests/golden/schedules/torch.json
"""

import json
import warnings

import torch
from torch.optim import lr_scheduler as ls

warnings.simplefilter("ignore")


def rates(steps, lr, make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = make(optimizer)
    values = []
    for step in range(steps):
        values.append(scheduler.get_last_lr()[0])
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return values


def warm_cosine(optimizer):
    rise = ls.LinearLR(optimizer, start_factor=0.1, total_iters=5)
    fall = ls.CosineAnnealingLR(optimizer, T_max=20)
    return ls.SequentialLR(optimizer, [rise, fall], milestones=[5])


def one_cycle(total, **options):
    return lambda o: ls.OneCycleLR(o, max_lr=0.4, total_steps=total, **options)


print(json.dumps({
    "source": f"torch.optim.lr_scheduler of PyTorch {torch.__version__}",
    "StepLR": rates(10, 0.5, lambda o: ls.StepLR(o, step_size=3, gamma=0.2)),
    "MultiStepLR": rates(12, 0.5, lambda o: ls.MultiStepLR(o, milestones=[2, 7, 8], gamma=0.3)),
    "ConstantLR": rates(4, 0.5, lambda o: ls.ConstantLR(o, factor=1, total_iters=1)),
    "ExponentialLR": rates(8, 0.5, lambda o: ls.ExponentialLR(o, gamma=0.8)),
    "PolynomialLR": rates(13, 0.5, lambda o: ls.PolynomialLR(o, total_iters=10, power=1.7)),
    "CosineAnnealingLR": rates(21, 0.5, lambda o: ls.CosineAnnealingLR(o, T_max=20, eta_min=0.05)),
    "CosineAnnealingWarmRestarts": rates(
        50, 0.5, lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=5, T_mult=2, eta_min=0.05)),
    "CosineAnnealingWarmRestarts T_mult=1": rates(
        23, 0.5, lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=7)),
    "SequentialLR": rates(25, 0.5, warm_cosine),
    "OneCycleLR": rates(30, 0.1, one_cycle(30)),
    "OneCycleLR linear": rates(
        25, 0.1,
        one_cycle(25, pct_start=0.25, div_factor=10, final_div_factor=50,
                  anneal_strategy="linear")),
    "OneCycleLR three phases": rates(27, 0.1, one_cycle(27, three_phase=True)),
    "OneCycleLR no rise": rates(10, 0.1, one_cycle(10, pct_start=0.0)),
    "OneCycleLR no fall": rates(10, 0.1, one_cycle(10, pct_start=1.0)),
}, indent=1))
