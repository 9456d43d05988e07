import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CASES, casesNamed } from '../../bench/isa/cases.ts';
import { openDriver } from '../../bench/isa/driver.ts';
import { handwrittenFor } from '../../bench/isa/handwritten.ts';
import { main } from '../../bench/isa/main.ts';
import type { Machine } from '../../bench/isa/mesa.ts';
import { HELP, readIsaOptions } from '../../bench/isa/options.ts';
import { ownPrograms } from '../../bench/isa/passes.ts';
import { DIRECTIONS } from '../../bench/isa/plans.ts';
import { profileNamed, PROFILES } from '../../bench/isa/profiles.ts';
import { Refusal } from '../../bench/isa/refusal.ts';

const DEBIAN: Machine = { platform: 'linux', architecture: 'x64', has: () => true };

describe('cases', () => {
  it('are named by the whole name, with the dtype or without, or by a part of it', () => {
    const names = (...words: string[]): string[] => casesNamed(words).map(({ name }) => name);
    expect(names()).toHaveLength(CASES.length);
    expect(names('LayerNorm [4096,768] f16')).toEqual(['LayerNorm [4096,768] f16']);
    expect(names('GroupNorm + SiLU [8,256,28,28]')).toHaveLength(3);
    expect(names('adaln')).toHaveLength(6);
    expect(casesNamed(['adaln'], ['bf16'])).toHaveLength(2);
    expect(() => casesNamed(['LayerNorm [4096,768] f16'], ['f32', 'bf16'])).toThrow(
      new Refusal('--dtype f32,bf16: there is no such case of LayerNorm [4096,768] f16'),
    );
    expect(new Set(names()).size).toBe(CASES.length);
  });

  it('have programs by every profile, for one shape or any', () => {
    for (const name of PROFILES) {
      const { profile } = profileNamed(name);
      for (const of of CASES) {
        for (const direction of DIRECTIONS) {
          const own = ownPrograms(of, direction, profile, false);
          expect(own.length, of.name).toBeGreaterThan(0);
          for (const { code, bindings, elements } of own) {
            expect(code).toContain('fn main(');
            expect(code.match(/@binding\(/g)!.length).toBe(bindings.length);
            expect(elements).toBeGreaterThan(0);
          }
        }
      }
    }
    expect(ownPrograms(CASES[0]!, 'forward', profileNamed('amd64').profile, true)[0]!.code).toContain('call.shape.');
  }, 60_000);

  it('have kernels by hand where those are for rows', () => {
    const written = (name: string): string[] =>
      Object.values(handwrittenFor(casesNamed([name], ['f32'])[0]!, 'forward', 64)).map(({ title }) => title);
    expect(written('LayerNorm [4096,768]')).toEqual([
      'by hand, a subgroup a row, textbook',
      'by hand, a subgroup a row, robust',
    ]);
    expect(written('RMSNorm [8192,4096]')[0]).toBe('by hand, a workgroup a row, textbook');
    expect(written('RMSNorm [65536,64]')[0]).toBe('by hand, 16 lanes a row, textbook');
    expect(written('LayerNorm [64,32768]')).toEqual([]);
    expect(written('InstanceNorm')).toEqual([]);
  });
});

describe('options', () => {
  it('are read', () => {
    expect(readIsaOptions(['--only', 'A', 'B', '--dtype', 'bf16,f32', '--pass=backward', '--json', 'f'])).toEqual({
      only: ['A', 'B'],
      dtypes: ['f32', 'bf16'],
      directions: ['backward'],
      profile: 'amd64',
      family: 'navi31',
      general: false,
      json: 'f',
      help: false,
    });
  });

  it.each([
    [['--slow'], /slow/],
    [['LayerNorm'], 'LayerNorm: there is no such option'],
    [['--dtype', 'f64'], "'f64' is none of f32, f16, bf16"],
    [['--pass', 'step'], "'step' is none of forward, backward"],
    [['--profile', 'cray'], '--profile cray: there are the profiles amd32, amd64, nvidia'],
  ])('%j is refused', (given, why) => {
    expect(() => readIsaOptions(given)).toThrow(Refusal);
    expect(() => readIsaOptions(given)).toThrow(why);
  });
});

describe('the command', () => {
  afterEach(() => vi.restoreAllMocks());

  it('tells what it cannot say', async () => {
    const print = vi.spyOn(console, 'log').mockReturnValue();
    expect(await main(['--help'])).toBe(0);
    expect(print).toHaveBeenCalledWith(HELP);
    expect(HELP).toContain('Nothing runs');
  });

  it.each([
    [
      ['--only', 'LayerNrm'],
      /^'LayerNrm' names no case; there are, each as f32, f16, bf16: LayerNorm \[4096,768\]; .*$/,
    ],
    [['--only', 'AdaLN [8,256,1152] f16', '--dtype', 'f32'], /^--dtype f32: there is no such case of AdaLN .*$/],
    [['--json', '/nowhere/f.json'], /^--json \/nowhere\/f.json: it cannot be written \(ENOENT\)$/],
    [['--pass', 'sideways'], /^--pass sideways: 'sideways' is none of forward, backward$/],
  ])('ends with 2 and one line for %j', async (given, line) => {
    const complain = vi.spyOn(console, 'error').mockReturnValue();
    expect(await main(given)).toBe(2);
    expect(complain).toHaveBeenCalledTimes(1);
    expect(complain.mock.calls[0]![0]).toMatch(line);
  });
});

describe('a machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'webgpu-norm-isa-test-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[Partial<Machine>, string]>([
    [{ platform: 'darwin', architecture: 'arm64' }, 'for Linux on x86-64; this is darwin on arm64'],
    [{ architecture: 'arm64' }, 'this is linux on arm64'],
    [{ has: (command) => command !== 'apt-get' }, 'apt-get is not installed: '],
    [{ has: (command) => command === 'apt-get' }, 'dpkg is not installed: '],
  ])('that lacks what it takes is told so in one line: %o', async (lacking, why) => {
    const opened = openDriver(folder, { ...DEBIAN, ...lacking });
    await expect(opened).rejects.toThrow(why);
    await expect(opened).rejects.toBeInstanceOf(Refusal);
  });
});
