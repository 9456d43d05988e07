"""Activations, by the names of the options."""

import torch
import torch.nn.functional as F

ACTIVATIONS = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky-relu": F.leaky_relu,
    "elu": F.elu,
    "silu": F.silu,
    # Before PyTorch 2.8 another number goes back at -3 and 3.
    "hard-swish": lambda z: torch.where(z.abs() == 3, F.relu(z), F.hardswish(z)),
    "mish": F.mish,
    "gelu": F.gelu,
    "gelu-tanh": lambda z: F.gelu(z, approximate="tanh"),
    "sigmoid": torch.sigmoid,
    # Its own sixth is one of f32.
    "hard-sigmoid": lambda z: torch.where(z.isnan(), F.hardsigmoid(z), F.relu6(z + 3) / 6),
    "tanh": torch.tanh,
    None: lambda z: z,
}
