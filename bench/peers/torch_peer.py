"""Optimizer steps in PyTorch on one thread, asked for on standard input and answered on standard
output, one JSON object a line; the numbers of tensors go through files of raw float32.

First line out: {"torch": VERSION}. Then, to each request, an answer or {"error": TEXT}:
{"do": "start", "rule", "hyper", "shapes", "params": FILE, "gradients": [FILE, ...]} -> {"id"}
{"do": "run", "id", "steps"} -> {"wall", "processor"}, in milliseconds
{"do": "read", "id", "file"} -> {}, the parameters being in the file
{"do": "stop", "id"} -> {}
"""

import array
import json
import math
import sys
import time

import torch

torch.set_num_threads(1)


def read_tensors(path, shapes):
    """Tensors of the given shapes, one after the other in a file."""
    values = array.array("f")
    with open(path, "rb") as file:
        values.frombytes(file.read())
    flat = torch.frombuffer(values, dtype=torch.float32)
    sizes = [math.prod(shape) for shape in shapes]
    return [part.clone().reshape(shape) for part, shape in zip(flat.split(sizes), shapes)]


class Filter:
    """SGDF and AdamF with gamma 0.5, as tensor operations, in place where one would."""

    def __init__(self, params, hyper, adaptive):
        self.params = params
        self.hyper = hyper
        self.adaptive = adaptive
        self.count = 0
        self.states = [[torch.zeros_like(p) for _ in range(2 + adaptive)] for p in params]

    @torch.no_grad()
    def step(self):
        h = self.hyper
        beta1, beta2, epsilon, rate = h["beta1"], h["beta2"], h["epsilon"], h["learningRate"]
        self.count += 1
        t = self.count
        correction1 = 1 - beta1**t
        correction2 = 1 - beta2**t
        factor = (1 - beta1) * (1 - beta1 ** (2 * t)) / ((1 + beta1) * correction2)
        for param, (mean, variance, *square) in zip(self.params, self.states):
            grad = param.grad
            mean.mul_(beta1).add_(grad, alpha=1 - beta1)
            deviation = grad - mean
            variance.mul_(beta2).addcmul_(deviation, deviation, value=1 - beta2)
            mhat = mean / correction1
            shat = variance * factor
            innovation = grad - mhat
            gain = shat / (shat + innovation * innovation + epsilon)
            estimate = mhat + gain.sqrt_() * innovation
            if self.adaptive:
                square[0].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
                root = (square[0].sqrt() / math.sqrt(correction2)).add_(epsilon)
                param.addcdiv_(estimate, root, value=-rate)
            else:
                param.add_(estimate, alpha=-rate)


def optimizer(rule, params, h):
    rate, betas = h["learningRate"], (h["beta1"], h["beta2"])
    if rule == "adam":
        return torch.optim.Adam(params, rate, betas, h["epsilon"])
    if rule == "adamw":
        return torch.optim.AdamW(params, rate, betas, h["epsilon"], h["weightDecay"])
    if rule == "momentum":
        return torch.optim.SGD(params, rate, h["momentum"])
    return Filter(params, h, {"sgdf": 0, "adamf": 1}[rule])


class Trial:
    def __init__(self, request):
        shapes = request["shapes"]
        self.params = [
            torch.nn.Parameter(tensor) for tensor in read_tensors(request["params"], shapes)
        ]
        self.gradients = [read_tensors(path, shapes) for path in request["gradients"]]
        self.optimizer = optimizer(request["rule"], self.params, request["hyper"])
        self.count = 0

    def run(self, steps):
        processor, start = time.process_time(), time.perf_counter()
        for _ in range(steps):
            gradients = self.gradients[self.count % len(self.gradients)]
            for param, gradient in zip(self.params, gradients):
                param.grad = gradient
            self.optimizer.step()
            self.count += 1
        wall, used = time.perf_counter() - start, time.process_time() - processor
        return {"wall": 1000 * wall, "processor": 1000 * used}

    def read(self, path):
        with open(path, "wb") as file:
            for param in self.params:
                file.write(param.detach().contiguous().numpy().tobytes())
        return {}


trials = {}


def answer(request):
    what = request["do"]
    if what == "start":
        number = len(trials)
        trials[number] = Trial(request)
        return {"id": number}
    if what == "run":
        return trials[request["id"]].run(request["steps"])
    if what == "read":
        return trials[request["id"]].read(request["file"])
    if what == "stop":
        trials[request["id"]] = None
        return {}
    raise ValueError(f"unknown request {what}")


def main():
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


main()
