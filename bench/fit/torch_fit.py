"""Batches of training in PyTorch on one thread, asked for on standard input and answered on standard
output, one JSON object a line.

First line out: {"torch": VERSION, "blas": TEXT, "fused": BOOL}. Then, to each request, an answer or
{"error": TEXT}:
{"do": "start", "network": NAME} -> {"parameters"}, how many there are
{"do": "run", "network": NAME, "batches": N} -> {"wall", "loss"}, milliseconds of all batches
"""

import inspect
import json
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(1)

CLASSES, WORDS, LONG, WIDE = 10, 1000, 32, 64


def dense():
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, CLASSES)
    )


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, CLASSES),
    )


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDE)
        self.lstm = nn.LSTM(WIDE, 64, batch_first=True)
        self.out = nn.Linear(64, CLASSES)
        # tfjs has one bias, PyTorch two that are added
        self.lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, x):
        return self.out(self.lstm(self.words(x))[0][:, -1])


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        def layer(inputs, outputs, stride=1):
            return nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.high, self.middle = layer(1, 16), layer(16, 32, 2)
        self.down, self.low = layer(32, 32, 2), layer(32, 32)
        self.second, self.first, self.out = layer(64, 32), layer(48, 16), layer(16, 1)

    def forward(self, x):
        high = F.relu(self.high(x))
        middle = F.relu(self.middle(high))
        low = F.relu(self.low(F.relu(self.down(middle))))
        def up(x):
            return F.interpolate(x, scale_factor=2, mode="nearest")
        second = F.relu(self.second(torch.cat([up(low), middle], 1)))
        return self.out(F.relu(self.first(torch.cat([up(second), high], 1))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.after = nn.LayerNorm(WIDE, 1e-3), nn.LayerNorm(WIDE, 1e-3)
        self.query, self.key, self.value, self.out = (
            nn.Linear(WIDE, WIDE, bias=False) for _ in range(4)
        )
        self.wide, self.back = nn.Linear(WIDE, 2 * WIDE), nn.Linear(2 * WIDE, WIDE)

    def forward(self, x):
        normal = self.before(x)
        def heads(linear):
            return linear(normal).reshape(-1, LONG, 4, WIDE // 4).transpose(1, 2)
        scores = heads(self.query) @ heads(self.key).transpose(2, 3) / (WIDE // 4) ** 0.5
        attended = torch.softmax(scores, -1) @ heads(self.value)
        x = normal + self.out(attended.transpose(1, 2).reshape(-1, LONG, WIDE))
        return x + self.back(F.relu(self.wide(self.after(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDE)
        self.blocks = nn.Sequential(Block(), Block())
        self.out = nn.Linear(WIDE, CLASSES)

    def forward(self, x):
        return self.out(self.blocks(self.words(x)).mean(1))


def labels(count):
    return torch.randint(CLASSES, (count,))


NETWORKS = {
    "dense": (dense, lambda: (torch.rand(128, 784), labels(128))),
    "conv": (conv, lambda: (torch.rand(128, 1, 28, 28), labels(128))),
    "lstm": (Lstm, lambda: (torch.randint(WORDS, (128, LONG)), labels(128))),
    "unet": (UNet, lambda: (torch.rand(32, 1, 28, 28), torch.randn(32, 1, 28, 28))),
    "transformer": (Transformer, lambda: (torch.randint(WORDS, (32, LONG)), labels(32))),
}


class Training:
    def __init__(self, name):
        build, data = NETWORKS[name]
        self.model = build()
        own = [p for p in self.model.parameters() if p.requires_grad]
        self.parameters = sum(p.numel() for p in own)
        fused = {"fused": True} if FUSED else {}
        self.optimizer = torch.optim.Adam(own, 1e-3, **fused)
        self.batches = [data() for _ in range(8)]
        self.loss = nn.MSELoss() if name == "unet" else nn.CrossEntropyLoss()

    def run(self, batches):
        start = time.perf_counter()
        for index in range(batches):
            x, y = self.batches[index % len(self.batches)]
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.model(x), y)
            loss.backward()
            self.optimizer.step()
        return {"wall": 1000 * (time.perf_counter() - start), "loss": loss.item()}


def fused_adam():
    """Whether this PyTorch has Adam in one pass on the processor (since 2.4)."""
    if "fused" not in inspect.signature(torch.optim.Adam).parameters:
        return False
    try:
        parameter = nn.Parameter(torch.zeros(1))
        parameter.grad = torch.zeros(1)
        torch.optim.Adam([parameter], fused=True).step()
        return True
    except RuntimeError:
        return False


FUSED = fused_adam()
trainings = {}


def answer(request):
    name = request["network"]
    if request["do"] == "start":
        trainings[name] = Training(name)
        return {"parameters": trainings[name].parameters}
    return trainings[name].run(request["batches"])


def blas():
    """The BLAS that is linked, by the file that is loaded."""
    torch.mm(torch.ones(8, 8), torch.ones(8, 8))
    with open("/proc/self/maps") as maps:
        files = {os.path.realpath(line.split()[-1]) for line in maps if "blas" in line}
    return ", ".join(sorted(os.path.basename(file) for file in files)) or "built in"


def main():
    print(json.dumps({"torch": torch.__version__, "blas": blas(), "fused": FUSED}), flush=True)
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


main()
