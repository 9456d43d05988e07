"""Running statistics after a call."""

import torch
import torch.nn.functional as F

from moments import moments


def tracked(op, s, options, arrays, axes, mask):
    """What is updated, by name; without momentum it is the average over all batches."""
    trains = options.get("training") if op == "batchNorm" else options.get("useInputStats") is not False
    if "runningMean" not in arrays or not trains:
        return {}
    before = arrays.get("numBatchesTracked")
    momentum = options.get("momentum", 0.1)
    momentum = 1 / (before.item() + 1) if momentum is None else momentum
    running = [arrays[name].detach().clone() for name in ("runningMean", "runningVar")]
    unbiased = options.get("unbiasedRunningVar", True)
    s = s.detach()
    if mask is None and unbiased:
        front = s.movedim(axes.channel, 1) if op == "batchNorm" else s.movedim([axes.sample, axes.channel], [0, 1])
        if op == "batchNorm":
            F.batch_norm(front, *running, training=True, momentum=momentum)
        else:
            F.instance_norm(front, *running, use_input_stats=True, momentum=momentum)
    elif not mix(op, s, running, axes, mask, momentum, unbiased):
        return {}
    count = {} if before is None else {"numBatchesTracked": before + 1}
    return {"runningMean": running[0], "runningVar": running[1], **count}


def mix(op, s, running, axes, mask, momentum, unbiased):
    """As PyTorch's own functions would, of what a mask includes; False where too little is left."""
    over = axes.others(axes.channel) if op == "batchNorm" else axes.others(axes.sample, axes.channel)
    included = torch.ones((), dtype=torch.bool) if mask is None else mask
    mean, variance = moments(s, over, included)
    counted = included.expand(s.shape).sum(over, keepdim=True).double()
    enough = counted >= (2 if unbiased else 1)
    if unbiased:
        variance = variance * counted / (counted - 1)
    for one, batch in zip(running, (mean, variance)):
        kept = torch.where(enough, batch, torch.zeros(())).movedim(axes.channel, 0).flatten(1)
        samples = enough.expand(mean.shape).movedim(axes.channel, 0).flatten(1).sum(1)
        if (samples == 0).any():
            return False
        one.mul_(1 - momentum).add_(momentum * kept.sum(1) / samples)
    return True
