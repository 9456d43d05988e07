import type * as ort from 'onnxruntime-web';
import { NormError } from '../errors.ts';
import { checkAlone, checkPlain } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { Context } from '../runtime/context.ts';
import { createContext } from '../runtime/create-context.ts';
import type { ContextOptions } from '../runtime/create-context.ts';
import { whyGone } from '../runtime/storage.ts';
import { Tensor } from '../runtime/tensor.ts';
import { Exchange } from './exchange.ts';
import type { AnyTensor, OnnxArguments, OnnxResult } from './exchange.ts';
import { knownNode, namedInputs } from './node.ts';
import type { OnnxNode } from './node.ts';
import type { FirstOutput, OutputName } from './outputs.ts';
import { checkRuntime, deviceOf } from './peer.ts';
import type { OnnxRuntime } from './peer.ts';
import { runNode } from './run.ts';

/** Options of {@link createOnnxContext}. */
export interface OnnxContextOptions extends Omit<ContextOptions, 'adapter' | 'gpu' | 'powerPreference'> {
  /** The device that sessions were given, `executionProviders: [{ name: 'webgpu', device }]`. Default: the one they share, `ort.env.webgpu.device`. */
  device?: GPUDevice | undefined;
  /** Is told what the device finds wrong with work that made a tensor, which an ort.Tensor cannot carry. Default: `console.error`. */
  onError?: ((error: NormError) => void) | undefined;
}

/** Our functions on tensors of ONNX Runtime Web, on its device, in its queue; see {@link createOnnxContext}. */
export class OnnxContext implements Disposable {
  /** Ours, on the device of ONNX Runtime: for parameters, `prepare`, `memory`. */
  readonly context: Context;
  readonly #exchange: Exchange;

  /** @internal */
  constructor(context: Context, exchange: Exchange) {
    this.context = context;
    this.#exchange = exchange;
  }

  /**
   * A tensor of ONNX Runtime as one of ours: the same buffer, which stays its own. float32, float16 and uint32 are f32, f16 and u32.
   *
   * @throws NormError `device` where it is not in a buffer of the GPU, `dtype`, `destroyed` where it was disposed, `option`, and as
   * {@link Context.wrap}.
   * @example const { y, saved } = layerNormForward(onnx.wrap(hidden));
   */
  wrap(tensor: ort.Tensor, ...more: readonly never[]): Tensor {
    checkAlone('wrap', more);
    return this.#exchange.wrap('wrap', 'tensor', tensor);
  }

  /**
   * A tensor of ours as one of ONNX Runtime, of location gpu-buffer: the same buffer. Its `dispose` is `destroy` of ours, its `getData` reads it.
   * An empty one is of location cpu, as ONNX Runtime's own are.
   *
   * @throws NormError `dtype` where ONNX Runtime has no such buffers (bf16, i8), `limit` where it is a part of one, `destroyed`, `option`.
   * @example const { logits } = await session.run({ hidden: onnx.unwrap(y) });
   */
  unwrap(tensor: Tensor<'f32' | 'f16' | 'u32'>, ...more: readonly never[]): ort.Tensor {
    checkAlone('unwrap', more);
    if (!(tensor instanceof Tensor)) {
      throw new NormError('option', `unwrap: the tensor is ${formatValue(tensor)}; it must be a Tensor of webgpu-norm`);
    }
    if (tensor.destroyed) {
      throw new NormError('destroyed', `unwrap: the tensor ${whyGone(tensor.storage, 'it can no longer be used')}`);
    }
    return this.#exchange.unwrap('unwrap', tensor);
  }

  /**
   * A tensor of ONNX Runtime in a buffer of the GPU, of one on the CPU: for weights, once.
   *
   * @throws NormError `dtype` unless it holds float32, float16 or uint32, `option`, `limit`, `lost`.
   * @example const scale = onnx.upload(new ort.Tensor('float32', new Float32Array(768).fill(1), [768]));
   */
  upload(tensor: ort.Tensor, ...more: readonly never[]): ort.Tensor {
    checkAlone('upload', more);
    return this.#exchange.unwrap('upload', this.#exchange.upload(tensor));
  }

  /**
   * Calls a function of ours on tensors of ONNX Runtime, wherever it takes tensors, in options too; its results are tensors of ONNX Runtime.
   * Tensors of ours may be among the arguments.
   *
   * @throws NormError as {@link OnnxContext.wrap}, and as the function does.
   * @example const y = onnx.call(layerNorm, hidden, { weight, bias, residual: skip });
   */
  call<Arguments extends unknown[], Result>(
    norm: (...given: Arguments) => Result,
    ...given: OnnxArguments<Arguments>
  ): OnnxResult<Result> {
    if (typeof norm !== 'function') {
      throw new NormError(
        'option',
        `call: the function is ${formatValue(norm)}; give one of webgpu-norm, layerNorm for example`,
      );
    }
    return this.#exchange.call(norm as (...all: unknown[]) => unknown, given) as OnnxResult<Result>;
  }

  /**
   * Runs one node of a model by its operator, its inputs in ONNX's order (null where an optional one is left out) and its attributes by ONNX's
   * names, with ONNX's defaults. Gives the outputs asked for by ONNX's names, the first unless told otherwise, as new tensors. Operators:
   * LayerNormalization, RMSNormalization, GroupNormalization, InstanceNormalization, BatchNormalization, MeanVarianceNormalization, LpNormalization,
   * SimplifiedLayerNormalization, and of com.microsoft SkipLayerNormalization, SkipSimplifiedLayerNormalization, GroupNorm, SkipGroupNorm.
   * What they mean: https://onnx.ai/onnx/operators/
   *
   * @throws NormError `unsupported` where the operator is another one, `option` where it has no such attribute or output, `parameter` where inputs
   * are too many or too few; as {@link OnnxContext.wrap}; and as the function of ours does.
   * @example const { Y, Mean } = onnx.runNode(
   *   { opType: 'LayerNormalization', attributes: { epsilon: 1e-6 }, outputs: ['Y', 'Mean'] },
   *   [hidden, scale, null],
   * );
   */
  runNode<Op extends string, const Outputs extends readonly OutputName<Op>[] = readonly [FirstOutput<Op>]>(
    node: OnnxNode<Op, Outputs>,
    inputs: readonly (AnyTensor | null | undefined)[],
    ...more: readonly never[]
  ): Record<Outputs[number], ort.Tensor> {
    checkAlone('runNode', more, ['attributes', 'outputs']);
    const known = knownNode(node);
    const { op, operator } = known;
    const named = namedInputs(op, operator, inputs, (name, input) => this.#exchange.wrap(op, name, input));
    const outputs = runNode(this.context, known, named);
    return this.#exchange.unwrapAll(op, outputs) as Record<Outputs[number], ort.Tensor>;
  }

  /** Frees what the context keeps. The device is ONNX Runtime's, and its sessions go on; dispose of tensors that were made here by yourself. */
  destroy(): void {
    this.context.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/**
 * Our functions on the device of ONNX Runtime Web, so that what a session leaves on the GPU (`preferredOutputLocation: 'gpu-buffer'`) is normalized
 * there, and goes on into the next session: nothing is copied. `ort` is the module; a session must have been created before, unless the device
 * that sessions are given is given here too.
 *
 * @throws NormError (rejects) `unsupported` where this version of onnxruntime-web has no tensors in buffers of the GPU (before 1.17), `device` where
 * it has no device, `option`.
 * @example const onnx = await createOnnxContext(ort);
 * const y = onnx.call(layerNorm, hidden, { weight, bias });
 */
export async function createOnnxContext(
  ort: OnnxRuntime,
  options: OnnxContextOptions = {},
  ...more: readonly never[]
): Promise<OnnxContext> {
  checkAlone('createOnnxContext', more, ['device']);
  checkRuntime(ort);
  checkPlain('createOnnxContext', options, ['device']);
  const { device, onError = reportError, ...others } = options;
  if (typeof onError !== 'function') {
    throw new NormError(
      'option',
      `createOnnxContext: onError is ${formatValue(onError)}; it must be a function of an error`,
    );
  }
  const context = await createContext({ ...others, device: device ?? (await deviceOf(ort)) });
  return new OnnxContext(context, new Exchange(context, ort, onError));
}

function reportError(error: NormError): void {
  console.error(error);
}
