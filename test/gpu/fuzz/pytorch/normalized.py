"""x_hat, and the weight and bias that follow it; by PyTorch's own functions where it has one, else as documented."""

from math import prod

import torch
import torch.nn.functional as F

from moments import moments


def normalized(op, s, options, arrays, axes, mask):
    weight = axes.parameter("weight", 1)
    weight = 1 + weight if options.get("zeroCenteredWeight") else weight
    bias = axes.parameter("bias", 0)
    segments = options.get("segments", arrays.get("segments"))
    if op == "adaptiveInstanceNorm":
        of_style = lambda tensor: moments(tensor, axes.others(axes.sample, axes.channel))
        mean, variance = of_style(arrays["style"])
        return in_groups(s, axes, axes.shape[axes.channel], options), torch.sqrt(variance + options.get("eps", 1e-5)), mean
    if op == "globalResponseNorm":
        norms = torch.linalg.vector_norm(s, dim=axes.others(axes.sample, axes.channel), keepdim=True) if axes.rank > 2 else s.abs()
        response = norms / (norms.mean(axes.channel, keepdim=True) + options.get("eps", 1e-6))
        return s, 1 + response * weight, bias
    if op in ("dynamicTanh", "dynamicErf"):
        curve = torch.tanh if op == "dynamicTanh" else torch.erf
        return curve(arrays["alpha"] * s + arrays.get("inputShift", 0)), weight, bias
    if segments is not None:
        starts = [int(start) for start in segments]
        rows = [sequence(op, s[first:end], options, arrays) for first, end in zip(starts, starts[1:]) if end > first]
        return torch.cat(rows), weight, bias
    return OF[op](s, options, arrays, axes, mask), weight, bias


def sequence(op, rows, options, arrays):
    """One of several that are packed, [length,C]."""
    eps = options.get("eps", 1e-5)
    if op == "layerNorm":
        return F.layer_norm(rows, rows.shape, eps=eps)
    # [1,C,length], as PyTorch has channels.
    picture = rows.t().unsqueeze(0)
    if "meanScale" in arrays:
        return mean_scaled(picture, arrays["meanScale"].reshape(1, -1, 1), [2], eps)[0].t()
    return group_norm_of(picture, options.get("numGroups", rows.shape[1]), eps)[0].t()


def mean_scaled(s, scale, over, eps, mask=None):
    centred = s - scale * moments(s, over, mask)[0]
    square, _ = moments(centred * centred, over, mask)
    return centred / torch.sqrt(square + eps)


def group_norm_of(front, groups, eps):
    """PyTorch's own, of one element too; of [N,C,L], since where channels come last it has a sum of squares without their mean."""
    return torch.group_norm(front.flatten(2) if front.dim() > 2 else front, groups, eps=eps).reshape(front.shape)


def in_groups(s, axes, groups, options, mask=None):
    eps = options.get("eps", 1e-5)
    to_front = lambda tensor: tensor.movedim([axes.sample, axes.channel], [0, 1])
    front = to_front(s)
    if mask is None:
        found = group_norm_of(front, groups, eps)
    else:
        split = lambda tensor: tensor.reshape(front.shape[0], groups, -1)
        included = split(to_front(mask.expand(axes.shape)))
        mean, variance = moments(split(front), [2], included)
        found = ((split(front) - mean) / torch.sqrt(variance + eps)).reshape(front.shape)
    return found.movedim([0, 1], [axes.sample, axes.channel])


def batch_norm(s, options, arrays, axes, mask):
    eps, training = options.get("eps", 1e-5), bool(options.get("training"))
    if training and mask is not None:
        mean, variance = moments(s, axes.others(axes.channel), mask)
        return (s - mean) / torch.sqrt(variance + eps)
    running = [None, None] if training else [arrays["runningMean"], arrays["runningVar"]]
    return F.batch_norm(s.movedim(axes.channel, 1), *running, training=training, eps=eps).movedim(1, axes.channel)


def instance_norm(s, options, arrays, axes, mask):
    if options.get("useInputStats") is False:
        return batch_norm(s, {**options, "training": False}, arrays, axes, None)
    if "meanScale" in arrays:
        scale = axes.of_channels(arrays["meanScale"])
        return mean_scaled(s, scale, axes.others(axes.sample, axes.channel), options.get("eps", 1e-5), mask)
    return in_groups(s, axes, s.shape[axes.channel], options, mask)


def group_norm(s, options, arrays, axes, mask):
    return in_groups(s, axes, options["numGroups"], options, mask)


def layer_norm(s, options, arrays, axes, mask):
    over, eps = normalized_axes(options, axes), options.get("eps", 1e-5)
    mask = selecting(mask, axes, over)
    if options.get("unbiased"):
        return (s - s.mean(over, keepdim=True)) / torch.sqrt(s.var(over, keepdim=True) + eps)
    if mask is None and over == list(range(axes.rank - len(over), axes.rank)):
        return F.layer_norm(s, s.shape[-len(over) :], eps=eps)
    mean, variance = moments(s, over, mask)
    return (s - mean) / torch.sqrt(variance + eps)


def rms_norm(s, options, arrays, axes, mask):
    over = normalized_axes(options, axes)
    mask = selecting(mask, axes, over)
    if "partial" in options:
        length = prod(s.shape[axis] for axis in over)
        first = torch.arange(length) < max(1, int(options["partial"] * length))
        first = first.reshape([s.shape[axis] if axis in over else 1 for axis in range(axes.rank)])
        mask = first if mask is None else mask & first
    square, _ = moments(s * s, over, mask)
    return s / torch.sqrt(square + options.get("eps", 2.0**-23))


def scale_norm(s, options, arrays, axes, mask):
    return s / torch.linalg.vector_norm(s, dim=-1, keepdim=True).clamp(min=options.get("eps", 1e-5))


def normalize(s, options, arrays, axes, mask):
    over, statistic = options["axes"], options["statistic"]
    if statistic == "mean-variance":
        mean, variance = moments(s, over)
        return (s - mean) / torch.sqrt(variance + options.get("eps", 1e-5))
    if statistic == "rms":
        return s / torch.sqrt((s * s).mean(over, keepdim=True) + options.get("eps", 2.0**-23))
    least = options.get("eps", 1e-12)
    if statistic in ("l2", "l1"):
        order = 2 if statistic == "l2" else 1
        return s / torch.linalg.vector_norm(s, order, dim=over, keepdim=True).clamp(min=least)
    if statistic == "linf":
        return s / s.abs().amax(over, keepdim=True).clamp(min=least)
    total = s.sum(over, keepdim=True)
    away = torch.full_like(total, least).copysign(torch.where(total < 0, total, torch.ones(())))
    return s / torch.where(total.abs() < least, away, total)


OF = {
    "batchNorm": batch_norm,
    "instanceNorm": instance_norm,
    "groupNorm": group_norm,
    "layerNorm": layer_norm,
    "rmsNorm": rms_norm,
    "scaleNorm": scale_norm,
    "normalize": normalize,
}


def normalized_axes(options, axes):
    return sorted(axis % axes.rank for axis in options.get("axes", [-1]))


def selecting(mask, axes, over):
    """A mask that is the same for all that share statistics leaves none out."""
    return mask if mask is not None and any(axis in over for axis in axes.masked) else None
