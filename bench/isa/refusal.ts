/** What was asked for cannot be had, in one sentence for whoever asked: exit status 2 rather than 1. */
export class Refusal extends Error {
  override name = 'Refusal';
}
