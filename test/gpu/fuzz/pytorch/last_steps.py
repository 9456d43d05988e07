"""What is done with numbers once they are normalized: rounded, rotated, quantized."""

import torch
import torch.nn.functional as F

# A scale of less has no normal number of f32.
LEAST_PEAK = 2.0**-119


def rounded(values, dtype):
    """To the nearest number of a dtype of 16 bits, of two as near the even one: at once, as PyTorch's own conversion by f32 is not."""
    info = torch.finfo(torch.float16 if dtype == "f16" else torch.bfloat16)
    _, exponent = torch.frexp(values)
    least = torch.frexp(torch.tensor(info.tiny)).exponent
    step = torch.ldexp(torch.tensor(info.eps), torch.maximum(exponent, least) - 1)
    nearest = torch.round(values / step) * step
    nearest = torch.where(nearest.abs() > info.max, torch.copysign(torch.tensor(float("inf")), nearest), nearest)
    return torch.where(values.isfinite(), nearest, values)


def rotated(y, rotary, cos, sin, positions):
    """Each pair a complex number, times that of its token's angle."""
    dims, token = rotary.get("dims", y.shape[-1]), rotary["tokenAxis"]
    turn = torch.complex(cos, sin)
    if positions is None:
        turn = turn[..., : y.shape[token], :]
    else:
        turn = turn[positions.long()]
    shape = [1] * y.dim()
    shape[token], shape[-1] = turn.shape[-2:]
    if turn.dim() == 3:
        shape[0] = turn.shape[0]
    # [2,pairs] of halves as they lie, [pairs,2] of neighbours.
    two = -1 if rotary.get("interleaved") else -2
    pairs = y[..., :dims].unflatten(-1, (dims // 2, 2) if two == -1 else (2, dims // 2))
    turned = torch.complex(*pairs.unbind(two)) * turn.reshape(shape)
    turned = torch.stack([turned.real, turned.imag], two)
    return torch.cat([turned.flatten(-2), y[..., dims:]], -1)


def quantized(z, options, scales):
    """y and scales; and the quotients that y is rounded from."""
    axes = options.get("axes", [-1])
    rows = z.flatten(-len(axes))
    length = rows.shape[-1]
    size = min(options.get("groupSize", length), length)
    spans = F.pad(rows, (0, -length % size)).unflatten(-1, (-1, size))
    if scales is None:
        peaks = spans.abs().amax(-1)
        scales = torch.where(peaks < LEAST_PEAK, torch.zeros(()), peaks / 127)
        of_spans = scales
    else:
        # One for all, one for each span of a row, or of each row.
        of_spans = scales if scales.dim() == 1 else scales.flatten(rows.dim() - 1)
    quotients = spans / of_spans.unsqueeze(-1)
    whole = torch.round(quotients).clamp(-127, 127)
    none = (of_spans == 0).unsqueeze(-1) | quotients.isnan()
    unspanned = lambda values: values.flatten(-2)[..., :length]
    return {"y": unspanned(torch.where(none, torch.zeros(()), whole)), "scales": scales, "quotients": unspanned(quotients)}
