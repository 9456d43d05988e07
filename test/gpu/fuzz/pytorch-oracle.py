"""Values and gradients of calls in float64 by PyTorch: a call on each line, as JSON, and its results on a line each; null for what it has not."""

import json
import sys

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


# What PyTorch has no words for.
NOT_THEIRS = ["mask", "partial", "segments", "cos", "castBeforeWeight"]


def normalized(op, s, options, arrays, channel):
    """x_hat, and where PyTorch's own function takes them, with weight and bias of None."""
    eps = options.get("eps", 1e-5)
    to_front = lambda t: t.movedim(channel, 1)
    if op == "batchNorm":
        running = [arrays.get(name) for name in ("runningMean", "runningVar")]
        given = [None, None] if options.get("training") else [one.detach() for one in running]
        return F.batch_norm(to_front(s), *given, training=bool(options.get("training")), eps=eps).movedim(1, channel)
    if op == "layerNorm":
        axes = sorted(axis % s.dim() for axis in options.get("axes", [-1]))
        if options.get("unbiased"):
            return (s - s.mean(axes, keepdim=True)) / torch.sqrt(s.var(axes, keepdim=True) + eps)
        if axes != list(range(s.dim() - len(axes), s.dim())):
            return None
        return F.layer_norm(s, s.shape[-len(axes):], eps=eps)
    if "meanScale" in arrays:
        scale = arrays["meanScale"].reshape([1, -1] + [1] * (s.dim() - 2))
        over = list(range(2, s.dim()))
        centred = to_front(s) - scale * to_front(s).mean(over, keepdim=True)
        return (centred / torch.sqrt((centred * centred).mean(over, keepdim=True) + eps)).movedim(1, channel)
    if op == "instanceNorm" and options.get("useInputStats") is not False:
        return F.group_norm(to_front(s), s.shape[channel], eps=eps).movedim(1, channel)
    if op == "groupNorm":
        return F.group_norm(to_front(s), options["numGroups"], eps=eps).movedim(1, channel)
    if op == "rmsNorm":
        return s / torch.sqrt((s * s).mean(options.get("axes", [-1]), keepdim=True) + options.get("eps", 2.0**-23))
    if op == "scaleNorm":
        return s / s.norm(dim=-1, keepdim=True).clamp(min=options.get("eps", 1e-5))
    if op == "normalize":
        axes, statistic = options["axes"], options["statistic"]
        if statistic == "mean-variance":
            centred = s - s.mean(axes, keepdim=True)
            return centred / torch.sqrt((centred * centred).mean(axes, keepdim=True) + eps)
        if statistic == "rms":
            return s / torch.sqrt((s * s).mean(axes, keepdim=True) + options.get("eps", 2.0**-23))
        least = options.get("eps", 1e-12)
        if statistic == "l2":
            return s / torch.sqrt((s * s).sum(axes, keepdim=True)).clamp(min=least)
        if statistic == "l1":
            return s / s.abs().sum(axes, keepdim=True).clamp(min=least)
        if statistic == "linf":
            return s / s.abs().amax(axes, keepdim=True).clamp(min=least)
        total = s.sum(axes, keepdim=True)
        away = torch.full_like(total, least).copysign(torch.where(total < 0, total, 1))
        return s / torch.where(total.abs() < least, away, total)
    return None


def results(call):
    op, options, layout = call["op"], call["options"], call["options"].get("layout")
    arrays = {
        name: torch.tensor(data, dtype=torch.float64).reshape(shape).requires_grad_()
        for name, (shape, data) in call["arrays"].items()
    }
    x = arrays["x"]
    rank = x.dim()
    channel = layout.index("C") if layout else rank - 1
    sample = (layout.index("N") if "N" in layout else None) if layout else (0 if rank > 1 else None)

    def along(name, otherwise):
        """An array of the shape of x, [N,C] or [C], or of as many axes as x."""
        array = arrays.get(name)
        if array is None:
            return otherwise
        if array.dim() == rank and (rank != 2 or name == "residual") and array.shape == x.shape:
            return array
        shape = [1] * rank
        if array.dim() == 1:
            shape[channel] = array.shape[0]
            return array.reshape(shape)
        if array.dim() == 2 and sample is not None and array.shape == (x.shape[sample], x.shape[channel]):
            shape[sample], shape[channel] = array.shape
            return (array if sample < channel else array.t()).reshape(shape)
        return array

    def parameter(name, otherwise):
        array = arrays.get(name)
        if array is None:
            return otherwise
        if op == "normalize":
            return array
        if layout:
            shape = [1] * rank
            shape[channel] = array.shape[0]
            return array.reshape(shape)
        return array

    multiply = options.get("multiply") or {}
    factor = ACTIVATIONS[multiply.get("activation")](along("by", torch.ones(())))
    before = multiply.get("where") == "before"
    s = x * factor if before else x
    s = s + along("inputBias", 0) + along("gate", 1) * along("residual", 0)
    if any(name in arrays or name in options for name in NOT_THEIRS):
        return None
    x_hat = normalized(op, s, options, arrays, channel)
    if x_hat is None:
        return None
    weight = parameter("weight", 1)
    z = x_hat * (1 + weight if options.get("zeroCenteredWeight") else weight) + parameter("bias", 0)
    z = z * (1 + along("scale", 0)) + along("shift", 0)
    if multiply and not before:
        z = z * factor
    parameters = [options[name] for name in ("negativeSlope", "alpha") if name in options]
    y = ACTIVATIONS[options.get("activation")](z + along("add", 0), *parameters)
    dy = torch.tensor(call["dy"], dtype=torch.float64).reshape(x.shape)
    loss = (y * dy).sum()
    if call.get("dresidualOut"):
        loss = loss + (s * torch.tensor(call["dresidualOut"], dtype=torch.float64).reshape(x.shape)).sum()
    loss.backward()
    gradients = {f"d{name}": array.grad for name, array in arrays.items() if array.grad is not None}
    numbers = {"y": y.detach(), **gradients}
    # Without an eps no spread is 0 / 0, which is 0 here.
    if not all(array.isfinite().all() for array in numbers.values()):
        return None
    return {name: array.flatten().tolist() for name, array in numbers.items()}


torch.set_num_threads(1)
for line in sys.stdin:
    try:
        print(json.dumps(results(json.loads(line))), flush=True)
    except (RuntimeError, KeyError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
