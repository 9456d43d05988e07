"""Writes pytorch.json: values and gradients that PyTorch computes in float64, and two results of its bf16.

Run with PyTorch 1.13: python3 test/conformance/pytorch.py
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(20)
CASES = []


def normals(*shape, mean=0.0):
    """Numbers that f32 holds, in float64."""
    return (torch.randn(*shape) + mean).double()


def array(tensor):
    """As many digits as tell the numbers of f32 apart."""
    return {'shape': list(tensor.shape), 'data': [float(f'{value:.9g}') for value in tensor.detach().flatten().tolist()]}


def case(name, op, options, call, x, constants=(), **arrays):
    """Records y and the gradients of sum(dy * y) of call(x, **arrays), dy being random."""
    inputs = {'x': x, **arrays}
    trained = [key for key in inputs if key not in constants]
    for key in trained:
        inputs[key].requires_grad_()
    y = call(**inputs)
    dy = normals(*y.shape, mean=0.3)
    gradients = torch.autograd.grad(y, [inputs[key] for key in trained], dy)
    CASES.append({
        'name': name,
        'op': op,
        'options': options,
        'x': array(x),
        'arrays': {key: array(value) for key, value in arrays.items()},
        'dy': array(dy),
        'results': {
            'y': array(y),
            **{'d' + key: array(gradient) for key, gradient in zip(trained, gradients)},
        },
    })


SIZES = {'N': 3, 'C': 4, 'T': 5, 'H': 4}


def per_sample(op, layout, options, normalize, **own):
    """A mode in a layout, with a gated residual, a scale and a shift of [N,C]."""
    shape = [SIZES[letter] for letter in layout]
    batch, channel = layout.index('N'), layout.index('C')
    first = [batch, channel] + [axis for axis in range(len(shape)) if axis not in (batch, channel)]

    def call(x, residual, gate, scale, shift, **more):
        def lead(tensor):
            return tensor.permute(first)

        def wide(rows):
            return rows.reshape(list(rows.shape) + [1] * (len(shape) - 2))

        normalized = normalize(lead(x) + wide(gate) * lead(residual), **{
            key: lead(value) if key == 'style' else value for key, value in more.items()
        })
        y = normalized * (1 + wide(scale)) + wide(shift)
        return y.permute([first.index(axis) for axis in range(len(shape))])

    def rows():
        return normals(SIZES['N'], SIZES['C'])

    more = {key: make(shape) for key, make in own.items()}
    case(
        f'{op}, {layout}, arrays of [N,C]{options.get("training") and ", training" or ""}',
        op,
        {'layout': layout, **options},
        call,
        normals(*shape),
        ('runningMean', 'runningVar'),
        residual=normals(*shape),
        gate=rows(),
        scale=rows(),
        shift=rows(),
        **more,
    )


def channels(mean):
    return lambda shape: normals(SIZES['C'], mean=mean)


def adaptive(x, style, unbiased=False, eps=1e-5):
    axes = list(range(2, x.dim()))

    def spread(of):
        return of.mean(axes, keepdim=True), (of.var(axes, unbiased, keepdim=True) + eps).sqrt()

    (mean, deviation), (style_mean, style_deviation) = spread(x), spread(style)
    return (x - mean) / deviation * style_deviation + style_mean


for layout in ['CNT', 'HCN', 'NCT']:
    per_sample('batchNorm', layout, {'training': True},
               lambda x, weight, bias: F.batch_norm(x, None, None, weight, bias, True),
               weight=channels(1), bias=channels(0))
    per_sample('batchNorm', layout, {},
               lambda x, runningMean, runningVar: F.batch_norm(x, runningMean, runningVar),
               runningMean=channels(0), runningVar=lambda shape: (1 + normals(SIZES['C']).square()).float().double())
    per_sample('instanceNorm', layout, {}, F.instance_norm)
    per_sample('groupNorm', layout, {'numGroups': 2}, lambda x: F.group_norm(x, 2))
    per_sample('adaptiveInstanceNorm', layout, {}, adaptive, style=lambda shape: normals(*shape, mean=1))

# F.batch_norm refuses one value a channel; what it calls does not.
for layout, shape in [('NC', [1, 3]), ('NCHW', [1, 3, 1, 1])]:
    case(f'batchNorm, {layout}, one value a channel', 'batchNorm',
         {'layout': layout, 'training': True, 'unbiasedRunningVar': False},
         lambda x, weight, bias: torch.native_batch_norm(x, weight, bias, None, None, True, 0.1, 1e-5)[0],
         normals(*shape), weight=normals(3), bias=normals(3))


def linf(name, x, axes, **options):
    eps = options.get('eps', 1e-12)

    def call(x):
        # F.normalize, whose norm takes one axis only where p is infinite.
        return x / torch.linalg.vector_norm(x, math.inf, axes, keepdim=True).clamp_min(eps)

    if len(axes) == 1:
        assert torch.equal(call(x), F.normalize(x, math.inf, axes[0], eps))
        call = lambda x: F.normalize(x, math.inf, axes[0], eps)
    case(f'normalize by linf, {name}', 'normalize', {'axes': axes, 'statistic': 'linf', **options}, call, x)


def rows(*values):
    return torch.tensor(values, dtype=torch.float64)


linf('rows', normals(4, 9), [1])
linf('columns', normals(9, 4), [0])
linf('two axes', normals(3, 4, 5), [0, 2])
linf('ties', rows([3, -3, 1, 0], [2, 2, -2, 2], [0, -1, 0, -1]), [1])
linf('eps in its place', rows([0.25, -0.5, 0, 0.125], [0, 0, 0, 0], [2, 1, 0, -1]), [1], eps=2)
linf('zeros', rows([0, 0, 0], [1, 2, -2]), [1])


def layer_norm(name, x, axes, **options):
    shape = [x.shape[axis] for axis in axes]

    def call(x, weight, bias):
        if not options.get('unbiased'):
            return F.layer_norm(x, shape, weight, bias)
        centred = x - x.mean(axes, keepdim=True)
        return centred / (x.var(axes, keepdim=True) + 1e-5).sqrt() * weight + bias

    case(f'layerNorm, {name}', 'layerNorm', {'axes': axes, **options}, call, x,
         weight=normals(*shape, mean=1), bias=normals(*shape))


layer_norm('rows', normals(4, 9), [1])
layer_norm('rows, unbiased', normals(4, 9), [1], unbiased=True)
layer_norm('rows of 2, unbiased', normals(4, 2), [1], unbiased=True)
layer_norm('two axes, unbiased', normals(3, 4, 5), [1, 2], unbiased=True)
case('adaptiveInstanceNorm, unbiased', 'adaptiveInstanceNorm', {'layout': 'NCHW', 'unbiased': True},
     lambda x, style: adaptive(x, style, True), normals(2, 3, 4, 5), style=normals(2, 3, 3, 2, mean=1))


def cast_before_weight(op, normalize, **parameters):
    """What Llama's and T5's code does in bf16, on rows with no normalized value so near a tie that f32 could round it otherwise."""

    def is_clear(row):
        exact = normalize(row.double())
        return torch.equal((exact * (1 - 2**-18)).bfloat16(), (exact * (1 + 2**-18)).bfloat16())

    x = torch.stack([row for row in torch.randn(20, 48).bfloat16() if is_clear(row)][:4])
    y = parameters['weight'] * normalize(x.float()).to(x.dtype)
    if 'bias' in parameters:
        wide = parameters['weight'].double() * normalize(x.double()).to(x.dtype).double() + parameters['bias'].double()
        y = wide.to(x.dtype)
    assert not torch.equal(y, (normalize(x.float()) * parameters['weight'].float()).to(x.dtype))
    CASES.append({
        'name': f'{op}, castBeforeWeight',
        'op': op,
        'options': {'axes': [1], 'eps': 1e-6, 'castBeforeWeight': True},
        'dtype': 'bf16',
        'x': array(x),
        'arrays': {key: array(value) for key, value in parameters.items()},
        'results': {'y': array(y)},
    })


cast_before_weight('rmsNorm', lambda x: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6),
                   weight=torch.randn(48).bfloat16())
cast_before_weight('layerNorm', lambda x: F.layer_norm(x, [48], eps=1e-6),
                   weight=torch.randn(48).bfloat16(), bias=torch.randn(48).bfloat16())

path = Path(__file__).with_name('pytorch.json')
path.write_text(json.dumps({'version': torch.__version__, 'cases': CASES}) + '\n')
