import type { HostResults } from '../analysis/host.ts';
import { alignedText } from './align.ts';

/** All that is printed at the end of a run. */
export function hostClosing({ host, runtime }: HostResults): string {
  const lines = [
    { cells: ['warm calls', 'submits', 'dispatches', 'times raw calls', 'quartiles'], rest: '' },
    ...host.map(({ call, submits, dispatches, ratio, quartiles }) => ({
      cells: [
        `  ${call}`,
        String(submits),
        String(dispatches),
        ratio.toFixed(2),
        quartiles.map((each) => each.toFixed(2)).join(' to '),
      ],
      rest: '',
    })),
  ];
  return [
    alignedText(lines),
    '',
    `${runtime}'s null backend, which does nothing with what it is given. Raw: the same dispatches, their pipelines and bind groups there.`,
  ].join('\n');
}
