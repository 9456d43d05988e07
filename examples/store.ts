/** What a visitor has chosen on a page. */
export interface Store<State> {
  readonly state: State;
  set(change: Partial<State>): void;
}

/** A state, and who is told of its changes. */
export function storeOf<State>(start: State, changed: (state: State, before: State) => void): Store<State> {
  let state = start;
  return {
    get state() {
      return state;
    },
    set: (change) => {
      const before = state;
      state = { ...before, ...change };
      changed(state, before);
    },
  };
}
