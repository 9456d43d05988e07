"""Values and gradients of calls in float64 by PyTorch: a call on each line, as JSON, and its results on a line each."""

import json
import sys

import torch

from broadcast import Axes
from curves import ACTIVATIONS
from last_steps import quantized, rotated, rounded
from moments import moments
from normalized import normalized
from running import tracked

# Arrays that get no gradient.
CONSTANTS = {"mask", "segments", "cos", "sin", "positions", "scales", "runningMean", "runningVar", "numBatchesTracked"}

# What is asked about; of others the answer would be that of a call without them.
KNOWN = CONSTANTS | {
    "x", "weight", "bias", "style", "residual", "gate", "inputBias", "scale", "shift", "by", "add", "meanScale", "alpha", "inputShift",
    "layout", "axes", "numGroups", "statistic", "eps", "training", "useInputStats", "unbiased", "partial", "momentum", "unbiasedRunningVar",
    "zeroCenteredWeight", "castBeforeWeight", "maskOutput", "multiply", "activation", "negativeSlope", "rotary", "groupSize",
    # y in float64 whatever it is stored as.
    "outputDtype",
}  # fmt: skip


def forward(call, arrays, rounding):
    """s and y, x_hat rounded as the call rounds it or not; and what is updated."""
    op, options, axes = call["op"], call["options"], Axes(arrays, call["options"])
    multiply = options.get("multiply") or {}
    before = multiply.get("where") == "before"
    factor = ACTIVATIONS[multiply.get("activation")](axes.along("by", torch.ones(())))
    mask = axes.mask()
    s = arrays["x"] * factor if before else arrays["x"]
    s = s + axes.along("inputBias", 0) + axes.along("gate", 1) * axes.along("residual", 0)
    x_hat, weight, bias = normalized(op, s, options, arrays, axes, mask)
    if rounding and options.get("castBeforeWeight"):
        x_hat = rounded(x_hat, options["castBeforeWeight"])
    z = x_hat * weight + bias
    z = z * (1 + axes.along("scale", 0)) + axes.along("shift", 0)
    if multiply and not before:
        z = z * factor
    parameters = [options[name] for name in ("negativeSlope", "alpha") if name in options]
    y = ACTIVATIONS[options.get("activation")](z + axes.along("add", 0), *parameters)
    if "rotary" in options:
        y = rotated(y, options["rotary"], arrays["cos"], arrays["sin"], arrays.get("positions"))
    updated = tracked(op, s, options, arrays, axes, mask)
    if options.get("maskOutput") and mask is not None:
        y, s = (torch.where(mask, one, torch.zeros(())) for one in (y, s))
    return s, y, updated


def results(call):
    unknown = [name for name in (*call["options"], *call["arrays"]) if name not in KNOWN]
    if unknown:
        raise NotImplementedError(", ".join(unknown))
    arrays = {
        name: torch.tensor([float(value) for value in data], dtype=torch.float64).reshape(shape)
        for name, (shape, data) in call["arrays"].items()
    }
    s, y, updated = forward(call, arrays, True)
    if call["quantized"]:
        values = quantized(y, call["options"], arrays.get("scales"))
    else:
        values = {"y": y, **updated}
    if "residual" in arrays or "inputBias" in arrays:
        values["residualOut"] = s
    if call.get("moments"):
        values["mean"], values["variance"] = moments(arrays["x"].reshape(call["moments"]["shape"]), call["moments"]["axes"])
    return {**values, **(gradients(call, arrays) if call["gradients"] else {})}


def gradients(call, arrays):
    """Those of a call without rounding, as documented."""
    of = {name: array.requires_grad_() for name, array in arrays.items() if name not in CONSTANTS}
    s, y, _ = forward(call, arrays, False)
    arriving = lambda name: torch.tensor(call[name], dtype=torch.float64).reshape(y.shape)
    loss = (y * arriving("dy")).sum()
    if call.get("dresidualOut"):
        loss = loss + (s * arriving("dresidualOut")).sum()
    return {f"d{name}": gradient for name, gradient in zip(of, torch.autograd.grad(loss, list(of.values())))}


def answer(line):
    try:
        found = results(json.loads(line))
    except Exception as error:  # Told where it was asked.
        return {"error": f"{type(error).__name__}: {error}"}
    # JSON has no NaN.
    return {name: [value if abs(value) < float("inf") else str(value).replace("inf", "Infinity") for value in array.detach().flatten().tolist()] for name, array in found.items()}


torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
for line in sys.stdin:
    print(json.dumps(answer(line)), flush=True)
