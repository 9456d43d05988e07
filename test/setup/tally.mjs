import { writeFileSync } from 'node:fs';

const PUBLISHED = 'published cases';

/**
 * A reporter of Vitest: writes how many tests of each project passed, failed and were skipped, and how many published cases of ONNX are among
 * those that passed, which failed, which were skipped, and the sizes that a test measured, as JSON to the file that `TALLY` names. A file that did not
 * get as far as its tests is a failure.
 */
export default class Tally {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    /** @type {Record<string, Record<'passed' | 'failed' | 'skipped' | 'published', number>>} */
    const projects = {};
    /** @type {string[]} */
    const failures = [];
    /** @type {string[]} */
    const skips = [];
    /** @type {string | undefined} */
    let sizes;
    for (const module of modules) {
      // That of the runtime comes first; behind it may be which of its files these are, and the browser.
      const [name] = module.project.name.split(' ');
      const count = (projects[name] ??= { passed: 0, failed: 0, skipped: 0, published: 0 });
      const tests = [...module.children.allTests()];
      if (tests.length === 0 && !module.ok()) {
        count.failed++;
        failures.push(`${name}: ${module.relativeModuleId}`);
      }
      for (const test of tests) {
        const { state, errors = [] } = test.result();
        count[state]++;
        sizes ??= test.meta().sizes;
        const [why = ''] = (errors[0]?.message ?? '').split('\n');
        if (state === 'failed') failures.push(`${name}: ${module.relativeModuleId} > ${test.fullName}: ${why}`);
        if (state === 'skipped') skips.push(`${name}: ${module.relativeModuleId} > ${test.fullName}`);
        if (state === 'passed' && isPublished(test)) count.published++;
      }
    }
    writeFileSync(process.env['TALLY'], JSON.stringify({ projects, failures, skips, sizes }));
  }
}

/** @param {import('vitest/node').TestCase} test */
function isPublished({ parent }) {
  return parent.type === 'suite' && (parent.name === PUBLISHED || isPublished(parent));
}
