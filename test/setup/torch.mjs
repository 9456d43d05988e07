import { spawnSync } from 'node:child_process';

/** Debian's own Python first: another one may come before it on the path, without its packages. */
const PYTHONS = ['/usr/bin/python3', 'python3', 'python'];

/** A Python that has PyTorch; ends the process where there is none. */
export function torchPython() {
  const found = PYTHONS.find((python) => spawnSync(python, ['-c', 'import torch']).status === 0);
  if (found) return found;
  console.error(
    'There is no Python with PyTorch: `apt-get install --no-install-recommends python3-torch` as root on Debian, or `pip install torch`, brings it.',
  );
  process.exit(2);
}
