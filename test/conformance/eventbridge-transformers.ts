import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../local/aws-error.ts';
import {
  type InputContext,
  type InputSettings,
  targetInput,
  validateInputSettings,
} from '../../local/eventbridge/target-input.ts';
import type { Failure, Suite } from './suite.ts';

interface TransformerCase {
  readonly id: string;
  /** Null where PutTargets refuses the target. */
  readonly event: unknown;
  readonly target: InputSettings & { readonly Id?: string };
  readonly context?: Partial<InputContext>;
  readonly expected:
    | { readonly json: unknown }
    | { readonly text: string }
    | { readonly dropped: true }
    | { readonly error: { readonly Code: string; readonly Message: string } };
}

const ANY_CONTEXT: InputContext = {
  ruleArn: 'arn:aws:events:us-east-1:111111111111:rule/my-bus/my-rule',
  ruleName: 'my-rule',
  ingestionTime: '2024-06-11T08:32:57Z',
};

export const eventbridgeTransformers: Suite = {
  name: 'eventbridge-transformers',
  file: 'eventbridge/transformers.json',
  run(cases) {
    const all = cases as readonly TransformerCase[];
    const failed = all.flatMap((transformer): Failure[] => {
      const { id, expected } = transformer;
      const actual = answer(transformer);
      return isDeepStrictEqual(actual, expected) ? [] : [{ id, expected, actual }];
    });
    return { suite: 'eventbridge-transformers', total: all.length, passed: all.length - failed.length, failed };
  },
};

/** The answer in the form that the case expects it in. */
function answer({ event, target, context, expected }: TransformerCase): unknown {
  try {
    validateInputSettings(target.Id ?? 't1', target);
    const input = targetInput(target, JSON.stringify(event), { ...ANY_CONTEXT, ...context });
    if (input === undefined) return { dropped: true };
    return 'json' in expected ? { json: JSON.parse(input) } : { text: input };
  } catch (error) {
    if (error instanceof AwsError) return { error: { Code: error.code, Message: error.message } };
    return { crash: String(error) };
  }
}
