type Method = (...parameters: never[]) => unknown;

/** Has a method of WebGPU's tell after its work, whoever calls it; returns what undoes that. */
export function after<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  notice: (self: T, parameters: Parameters<Extract<T[K], Method>>, result: ReturnType<Extract<T[K], Method>>) => void,
): () => void {
  const original = prototype[name] as (...parameters: unknown[]) => unknown;
  const telling = function (this: T, ...parameters: unknown[]): unknown {
    const result = original.apply(this, parameters);
    notice(this, parameters as never, result as never);
    return result;
  };
  prototype[name] = telling as T[K];
  return () => void (prototype[name] = original as T[K]);
}
