"""What PyTorch computes of DyT, Derf and GRN, with gradients by autograd, in float64: python3 pytorch-pointwise.py > pytorch-pointwise.json"""

import json

import torch


def grid(shape, seed):
    """Multiples of 1/16, which f32 holds."""
    count = 1
    for size in shape:
        count *= size
    values = [((index * 37 + seed * 11) % 41) - 20 for index in range(count)]
    return (torch.tensor(values, dtype=torch.float64) / 16).reshape(shape)


def results(function, arrays):
    leaves = {name: array.clone().requires_grad_(True) for name, array in arrays.items()}
    y = function(**leaves)
    (y * grid(y.shape, 6)).sum().backward()
    numbers = {"y": y.detach(), **{"d" + name: leaf.grad for name, leaf in leaves.items()}}
    return {name: [float("%.9g" % value) for value in array.flatten()] for name, array in numbers.items()}


def dynamic_tanh(x, alpha, weight, bias):
    return torch.tanh(alpha * x) * weight + bias


def dynamic_erf(x, alpha, inputShift, weight, bias):
    return torch.erf(alpha * x + inputShift) * weight + bias


def global_response_norm(x, weight, bias):
    norm = x.norm(p=2, dim=2, keepdim=True)
    response = norm / (norm.mean(dim=1, keepdim=True) + 1e-6)
    return x + torch.addcmul(bias.view(1, -1, 1), weight.view(1, -1, 1), x * response)


x = grid((2, 3, 4), 1)
rows = {"weight": grid((4,), 4), "bias": grid((4,), 5)}
channels = {"weight": grid((3,), 4), "bias": grid((3,), 5)}
alpha, shift = grid((1,), 3), grid((1,), 7)
print(
    json.dumps(
        {
            "dynamicTanh": results(dynamic_tanh, {"x": x, "alpha": alpha, **rows}),
            "dynamicErf": results(dynamic_erf, {"x": x, "alpha": alpha, "inputShift": shift, **rows}),
            "globalResponseNorm": results(global_response_norm, {"x": x, **channels}),
        }
    )
)
