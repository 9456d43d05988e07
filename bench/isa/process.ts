import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How a command ended, and what it said. */
export interface Ended {
  /** null where a signal ended it. */
  status: number | null;
  signal: string | null;
  output: string;
  /** What it said of errors. */
  errors: string;
}

export async function runCommand(
  command: string,
  parameters: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = { output: '', errors: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.errors += text));
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ ...ended, status, signal }));
  });
}

/** @throws Error (rejects) with the last line of what it said, where it fails. */
export async function mustRun(
  command: string,
  parameters: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { status, output, errors } = await runCommand(command, parameters, options);
  if (status === 0) return output;
  throw new Error(`${command} failed: ${lastLine(errors) ?? `exit status ${status}`}`);
}

export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}

/** Whether a command is installed. */
export function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
