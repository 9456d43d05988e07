/**
 * What PyTorch 1.13 computes of heads that are normalized and rotated, in float64 with gradients by autograd. Neighbours are rotated as complex
 * numbers, halves as Hugging Face does:
 *
 *     x = sin(1.7 i + 0.3), weight = 1 + cos(0.9 i) / 2, bias = sin(2.3 i) / 3, dy = cos(0.7 i + 0.1)      x [2,3,2,8], weight [2,8]
 *     u = x · rsqrt(mean(x²) + 1e-5) · weight,  or layer_norm(x, [8]) · weight + bias
 *     angles = positions[…, None] · 0.5 ** arange(dims / 2),  positions = [[5, 0, 3], [1, 2, 4]]
 *     view_as_real(view_as_complex(u) · polar(1, angles)),  or u · cos(emb) + cat(-u2, u1) · sin(emb), emb = cat(angles, angles)
 *
 * y and dx are those of [1,2,0], dweight and dbias those of the second head.
 */
export interface PublishedRotation {
  op: 'rmsNorm' | 'layerNorm';
  interleaved: boolean;
  dims: number;
  y: number[];
  dx: number[];
  dweight: number[];
  dbias?: number[];
}

export const PYTORCH: readonly PublishedRotation[] = [
  {
    op: 'rmsNorm',
    interleaved: true,
    dims: 8,
    y: [0.968460383, 1.76168632, -0.494126788, 1.13191561, -0.71029, -0.450490974, 2.00292062, -0.146808346],
    dx: [-2.42208936, 0.175929594, -0.767510254, -0.368664541, -0.566916384, -0.0394675048, -1.90180852, 0.546151672],
    dweight: [-1.4447608, 2.03310294, 3.0566911, 1.52717566, -1.43255218, -0.338675498, -1.31257637, 1.23246912],
  },
  {
    op: 'rmsNorm',
    interleaved: false,
    dims: 8,
    y: [0.707920062, -0.147960872, -0.752644441, 0.503062321, 1.98671269, -0.528050808, 1.95078952, -0.966184668],
    dx: [-0.624385034, -2.525251, 0.0707867955, -0.164423552, 0.348273167, -0.431256178, -1.223945, -0.674934923],
    dweight: [0.344701075, -0.246199022, 2.28784205, -0.168456084, 0.499700042, 1.10846455, -1.5246629, 1.87478513],
  },
  {
    op: 'layerNorm',
    interleaved: false,
    dims: 4,
    y: [1.95034821, -0.176889437, 0.747590341, -0.141513732, -0.642493548, 0.143446202, 2.12575424, -1.08732191],
    dx: [-1.00173479, 0.0710239853, 0.948598517, 0.234381374, 0.636917658, -0.461325652, -0.921696852, 0.493835759],
    dweight: [-1.1648157, 0.207071094, -0.511004014, 0.14950632, -1.08948452, 1.67476608, -1.34989534, 1.11620109],
    dbias: [-2.18179104, -1.2773551, 0.645068395, -1.12101818, -0.470483871, -1.13740421, -1.26938557, -0.804355071],
  },
  {
    op: 'layerNorm',
    interleaved: true,
    dims: 6,
    y: [1.16142942, 1.42897252, -0.610696225, 0.806371394, -0.467846562, -0.463135365, 2.12575424, -1.08732191],
    dx: [-1.63064064, 0.95831296, -0.0222264058, 0.406118056, 0.233262052, 0.728123732, -1.11551215, 0.442562392],
    dweight: [-1.34301903, 2.05674735, 3.28471101, 1.51642249, -1.23208499, -0.422030587, -1.34989534, 1.11620109],
    dbias: [-1.63948134, 0.654493548, -1.11823081, -0.804112811, -1.27670395, 0.29761489, -1.26938557, -0.804355071],
  },
];

/** The arrays of those calls. */
export function pytorchArrays({
  op,
  dims,
}: PublishedRotation): Record<string, { data: Float64Array; shape: number[] }> {
  const array = (shape: number[], of: (index: number) => number) => ({
    data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => of(index)),
    shape,
  });
  const half = dims / 2;
  const angle = (index: number): number => Math.floor(index / half) * 0.5 ** (index % half);
  return {
    x: array([2, 3, 2, 8], (i) => Math.sin(1.7 * i + 0.3)),
    dy: array([2, 3, 2, 8], (i) => Math.cos(0.7 * i + 0.1)),
    weight: array([2, 8], (i) => 1 + Math.cos(0.9 * i) / 2),
    ...(op === 'layerNorm' && { bias: array([2, 8], (i) => Math.sin(2.3 * i) / 3) }),
    cos: array([6, half], (i) => Math.cos(angle(i))),
    sin: array([6, half], (i) => Math.sin(angle(i))),
    positions: { data: Float64Array.of(5, 0, 3, 1, 2, 4), shape: [2, 3] },
  };
}

/** What is published of the results of such a call. */
export function publishedOf(results: Readonly<Record<string, { data: ArrayLike<number> }>>): Record<string, number[]> {
  const part = (name: string, from: number): number[] => Array.from(results[name]!.data).slice(from, from + 8);
  return {
    y: part('y', 80),
    dx: part('dx', 80),
    dweight: part('dweight', 8),
    ...(results['dbias'] && { dbias: part('dbias', 8) }),
  };
}
