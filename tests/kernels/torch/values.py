"""Writes values.json: what PyTorch computes for small blocks of networks, forwards and backwards.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 tests/kernels/torch/values.py

Tensors are in tfjs's order: images [batch, row, column, channel], filters [row, column, in, out].
All is computed in float64; what goes in are numbers of few digits, so that float32 holds them nearly.
"""

import json
import os

import torch
from torch.nn import functional as F

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)


def random(*shape):
    return (torch.rand(*shape) * 4 - 2).mul(256).round().div(256).requires_grad_()


def images(x):
    return x.permute(0, 3, 1, 2)


def back(x):
    return x.permute(0, 2, 3, 1)


def record(inputs, output):
    """The output, and the gradient of its product with fixed numbers for each input."""
    dy = random(*output.shape).detach()
    gradients = torch.autograd.grad(output, [x for x in inputs.values() if x.requires_grad], dy)
    names = [name for name, x in inputs.items() if x.requires_grad]
    def tensor(x):
        values = [float(f"{value:.9g}") for value in x.detach().reshape(-1).tolist()]
        return {"shape": list(x.shape), "values": values}
    return {
        "inputs": {name: tensor(x) for name, x in inputs.items()},
        "dy": tensor(dy),
        "output": tensor(output),
        "gradients": {name: tensor(x) for name, x in zip(names, gradients)},
    }


def conv(stride, padding):
    x, w = random(2, 6, 5, 3), random(3, 3, 3, 4)
    y = back(F.conv2d(images(x), w.permute(3, 2, 0, 1), stride=stride, padding=padding))
    return record({"x": x, "filter": w}, y)


def depthwise(many):
    x, w = random(2, 5, 6, 3), random(3, 2, 3, many)
    kernel = w.permute(2, 3, 0, 1).reshape(3 * many, 1, 3, 2)
    return record({"x": x, "filter": w}, back(F.conv2d(images(x), kernel, groups=3)))


def embedding():
    table, words = random(7, 5), torch.tensor([[1, 3, 1], [6, 0, 1]])
    return record({"table": table, "words": words.double().detach()}, F.embedding(words, table))


def lstm():
    """One layer from zero; gates in Keras's order: input, forget, cell, output."""
    x, kernel, recurrent, bias = random(2, 4, 3), random(3, 8), random(2, 8), random(8)
    h, c, outputs = torch.zeros(2, 2), torch.zeros(2, 2), []
    for step in range(4):
        i, f, g, o = (x[:, step] @ kernel + h @ recurrent + bias).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    cell = torch.nn.LSTM(3, 2, batch_first=True)
    with torch.no_grad():
        cell.weight_ih_l0.copy_(kernel.T)
        cell.weight_hh_l0.copy_(recurrent.T)
        cell.bias_ih_l0.copy_(bias)
        cell.bias_hh_l0.zero_()
    y = torch.stack(outputs, 1)
    assert torch.allclose(cell(x)[0], y)
    return record({"x": x, "kernel": kernel, "recurrent": recurrent, "bias": bias}, y)


def attention():
    """Two heads of 3: queries, keys and values [batch, head, word, wide]."""
    q, k, v = random(2, 2, 5, 3), random(2, 2, 5, 3), random(2, 2, 5, 3)
    y = torch.softmax(q @ k.transpose(2, 3) / 3**0.5, -1) @ v
    return record({"query": q, "key": k, "value": v}, y)


values = {
    "torch": torch.__version__,
    "conv, valid": conv(1, 0),
    "conv, padded by 1, stride 2": conv(2, 1),
    "depthwise": depthwise(1),
    "depthwise, two of each": depthwise(2),
    "embedding": embedding(),
    "lstm": lstm(),
    "attention": attention(),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "values.json")
with open(path, "w") as file:
    json.dump(values, file, separators=(",", ":"))
    file.write("\n")
