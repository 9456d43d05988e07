/** Calls on tensors of ONNX Runtime, of which some must not compile. The type check of the tests reads this file; nothing runs it. */
import type * as ort from 'onnxruntime-web';
import { adaptiveInstanceNorm, groupNorm, layerNorm, layerNormBackward, layerNormForward } from 'webgpu-norm';
import type { Saved, Tensor } from 'webgpu-norm';
import type { OnnxContext, OpType } from 'webgpu-norm/onnx';

export function calls(
  onnx: OnnxContext,
  x: ort.Tensor,
  own: Tensor,
  halves: Tensor<'f16'>,
  rounded: Tensor<'bf16'>,
  saved: Saved,
  opType: OpType,
  any: string,
) {
  const y: ort.Tensor = onnx.call(layerNorm, x, { weight: own, bias: x, modulation: { scale: x } });
  const styled: ort.Tensor = onnx.call(adaptiveInstanceNorm, x, x, { eps: 1e-6 });
  const trained: { y: ort.Tensor; saved: Saved } = onnx.call(layerNormForward, x);
  const { dx }: { dx: ort.Tensor } = onnx.call(layerNormBackward, x, saved);
  const { Y, Mean }: { Y: ort.Tensor; Mean: ort.Tensor } = onnx.runNode(
    { opType: 'LayerNormalization', outputs: ['Y', 'Mean'] },
    [x, own, null],
  );
  const { output }: { output: ort.Tensor } = onnx.runNode({ opType: 'LpNormalization' }, [x]);
  // Of a model that is read at run time.
  const found: Record<string, ort.Tensor> = onnx.runNode({ opType: any, attributes: { axis: -1n } }, [x]);
  onnx.runNode({ opType }, [x]);
  // @ts-expect-error a number of groups must be given
  onnx.call(groupNorm, x);
  // @ts-expect-error the option is `eps`
  onnx.call(layerNorm, x, { epsilon: 1e-6 });
  // @ts-expect-error it has no such output
  onnx.runNode({ opType: 'LayerNormalization', outputs: ['mean'] }, [x]);
  // @ts-expect-error it was not asked for
  const { InvStdDev } = onnx.runNode({ opType: 'LayerNormalization', outputs: ['Y'] }, [x]);
  // @ts-expect-error the first output is called otherwise
  const { Y: none } = onnx.runNode({ opType: 'LpNormalization' }, [x]);
  // @ts-expect-error inputs are a list
  onnx.runNode({ opType: 'LpNormalization' }, x);
  onnx.unwrap(halves);
  // @ts-expect-error ONNX Runtime has no buffers of bf16
  onnx.unwrap(rounded);
  // @ts-expect-error a tensor is unwrapped, data are not
  onnx.unwrap(new Float32Array(4));
  return [y, styled, trained, dx, Y, Mean, output, found, InvStdDev, none];
}
