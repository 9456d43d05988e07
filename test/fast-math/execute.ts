import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pass, Plan } from '../../src/plan/plan.ts';
import { uniformBytes } from '../../src/programs/call-uniform.ts';
import { findClang } from './clang.ts';
import { transliterated } from './transliterate.ts';

/** LLVM's compiler of C++; undefined: there is none. */
export const clang = findClang();

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Arrays by the names of a plan's resources. */
export type Arrays = Record<string, Float32Array<ArrayBuffer>>;

/** What a compiler may do: take sums for exact; and numbers for finite too, as Metal's does unless it is told otherwise. */
export type Freedom = 'relaxed' | 'fast';

const FLAGS: Record<Freedom, string[]> = {
  relaxed: ['-ffast-math', '-fno-finite-math-only'],
  fast: ['-ffast-math'],
};

/** Runs plans on the CPU as LLVM compiles them. */
export class FastMath implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-'));
  readonly #programs = new Map<string, string>();

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Runs a plan's passes over the arrays; scratch and what is saved is made. `sourceOf`: which of a pass's programs. */
  run(plan: Plan, arrays: Arrays, sourceOf: (pass: Pass) => string, freedom: Freedom): Arrays {
    const made = Object.entries({ ...plan.scratch, ...plan.saved }).map(([name, bytes]) => [
      name,
      new Float32Array(bytes / 4),
    ]);
    const all: Arrays = { ...(Object.fromEntries(made) as Arrays), ...arrays };
    for (const pass of plan.passes) this.#dispatch(pass, this.#compiled(sourceOf(pass), freedom), all);
    return all;
  }

  #dispatch(pass: Pass, program: string, arrays: Arrays): void {
    const numbers = uniformBytes(pass, { eps: 1e-5, momentum: 0, activation_parameter: 0 });
    const bound = pass.bindings.map(({ resource, byteOffset = 0 }) => arrays[resource]!.subarray(byteOffset / 4));
    // The struct of a specialized program ends sooner, and C++ rounds its size up.
    const padded = new Uint8Array(numbers.byteLength + 64);
    padded.set(new Uint8Array(numbers));
    const given = [padded, new Uint32Array(pass.workgroups), ...bound];
    const input = Buffer.concat(given.flatMap((part) => [lengthOf(part), bytesOf(part)]));
    const output = execFileSync(program, { input, maxBuffer: 2 ** 28 });
    let start = 0;
    for (const array of bound) {
      bytesOf(array).set(output.subarray(start, start + array.byteLength));
      start += array.byteLength;
    }
  }

  #compiled(source: string, freedom: Freedom): string {
    const key = `${freedom}\n${source}`;
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const program = join(this.#folder, String(this.#programs.size));
    writeFileSync(`${program}.cpp`, transliterated(source));
    execFileSync(clang!, ['-std=c++17', '-w', '-O3', ...FLAGS[freedom], '-I', FOLDER, '-o', program, `${program}.cpp`]);
    this.#programs.set(key, program);
    return program;
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function lengthOf({ byteLength }: ArrayBufferView): Uint8Array {
  return bytesOf(new BigUint64Array([BigInt(byteLength)]));
}
