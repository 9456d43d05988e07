import { spawnSync } from 'node:child_process';

const NAMES = ['clang++', ...[20, 19, 18, 17, 16, 15, 14].map((version) => `clang++-${version}`)];

/** LLVM's compiler of C++ on this machine; undefined: there is none. */
export function findClang(): string | undefined {
  return NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}
