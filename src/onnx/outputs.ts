/** The outputs of each operator by ONNX's names, in ONNX's order: the first is given always, the others where they are asked for. */
export interface OnnxOutputs {
  BatchNormalization: ['Y', 'running_mean', 'running_var'];
  GroupNorm: ['Y'];
  GroupNormalization: ['Y'];
  InstanceNormalization: ['output'];
  LayerNormalization: ['Y', 'Mean', 'InvStdDev'];
  LpNormalization: ['output'];
  MeanVarianceNormalization: ['Y'];
  RMSNormalization: ['Y'];
  SimplifiedLayerNormalization: ['Y', 'inv_std_var'];
  SkipGroupNorm: ['Y', 'S'];
  SkipLayerNormalization: ['output', 'mean', 'inv_std_var', 'input_skip_bias_sum'];
  SkipSimplifiedLayerNormalization: ['output', 'inv_std_var', 'input_skip_bias_sum'];
}

/** An operator that normalizes. */
export type OpType = keyof OnnxOutputs;

/** The name of an output of an operator; of one whose name is known at run time only, any. */
export type OutputName<Op extends string> = Op extends OpType ? OnnxOutputs[Op][number] : string;

/** The output of a node where none is asked for. */
export type FirstOutput<Op extends string> = Op extends OpType ? OnnxOutputs[Op][0] : string;
