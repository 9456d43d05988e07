"""Mean and biased variance over some axes, of all elements or of those that a mask includes."""

import torch


def moments(s, over, included=None):
    if not over:
        return s, torch.zeros_like(s)
    if included is None:
        mean = s.mean(over, keepdim=True)
        return mean, ((s - mean) ** 2).mean(over, keepdim=True)
    # Of none, both are 0. What is left out is not read: 0 times NaN is NaN.
    of_included = lambda values: torch.where(included, values, torch.zeros(())).sum(over, keepdim=True)
    counted = included.expand(s.shape).sum(over, keepdim=True).clamp(min=1)
    mean = of_included(s) / counted
    return mean, of_included((s - mean) ** 2) / counted
