type Definition = Readonly<Record<string, unknown>>;

const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:work';

function chain(states: number, state: Definition): Definition {
  const name = (index: number) => `State${index}`;
  const entries = Array.from({ length: states }, (_, index): [string, Definition] => [
    name(index),
    { ...state, ...(index === states - 1 ? { End: true } : { Next: name(index + 1) }) },
  ]);
  return { StartAt: name(0), States: Object.fromEntries(entries) };
}

export const passChain = (states: number): Definition => chain(states, { Type: 'Pass' });

export const taskChain = (states: number): Definition => chain(states, { Type: 'Task', Resource: FUNCTION });

const each = { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } };

/** Its items are `$.items`. */
export const inlineMap: Definition = {
  StartAt: 'All',
  States: { All: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: each, End: true } },
};

/** The same, with a child execution an item. */
export const distributedMap: Definition = {
  StartAt: 'All',
  States: {
    All: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemProcessor: { ...each, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      End: true,
    },
  },
};

/** Waits for longer than any measurement takes. */
export const longWait: Definition = {
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 86_400, Next: 'Done' }, Done: { Type: 'Succeed' } },
};

export const items = (count: number): { readonly items: readonly number[] } => ({
  items: Array.from({ length: count }, (_, index) => index),
});
