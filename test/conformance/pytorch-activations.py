"""What PyTorch gives for activations of numbers that are hard, and sends back of a dy that need not be finite, in float64:
python3 pytorch-activations.py > pytorch-activations.json. JSON has neither NaN nor infinities: those are strings."""

import json
import math

import torch
import torch.nn.functional as F

INFINITY = float("inf")
# Not -3 and 3: what hardswish sends back there changed with PyTorch 2.8.
AT = [-INFINITY, -1e4, -5.0, -1.3, -0.0, 0.0, 0.7, 2.9, 6.0, 1e4, INFINITY, float("nan")]
DY = [1.0, 0.0, -2.0, INFINITY, -INFINITY, float("nan")]
ACTIVATIONS = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky-relu": F.leaky_relu,
    "elu": F.elu,
    "silu": F.silu,
    "hard-swish": F.hardswish,
    "mish": F.mish,
    "gelu": F.gelu,
    "gelu-tanh": lambda z: F.gelu(z, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    "hard-sigmoid": F.hardsigmoid,
    "tanh": torch.tanh,
}


def written(values):
    names = {INFINITY: "Infinity", -INFINITY: "-Infinity"}
    return ["NaN" if math.isnan(value) else names.get(value, value) for value in values]


def gradient(function, dy):
    z = torch.tensor(AT, dtype=torch.float64, requires_grad=True)
    function(z).backward(torch.full_like(z, dy))
    return z.grad.tolist()


results = {"at": written(AT), "dy": written(DY), "activations": {}}
for name, function in ACTIVATIONS.items():
    results["activations"][name] = {
        "y": written(function(torch.tensor(AT, dtype=torch.float64)).tolist()),
        "dx": [written(gradient(function, dy)) for dy in DY],
    }
print(json.dumps(results))
