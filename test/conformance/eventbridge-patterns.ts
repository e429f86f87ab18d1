import { AwsError } from '../../local/aws-error.ts';
import { compilePattern, matchesPattern } from '../../local/eventbridge/pattern/pattern.ts';
import { PatternIndex } from '../../local/eventbridge/pattern/pattern-index.ts';
import type { Failure, Suite } from './suite.ts';

interface PatternCase {
  readonly id: string;
  readonly patternText: string;
  readonly eventText: string;
  readonly expected: boolean | 'InvalidEventPatternException';
  /** AWS's whole message, in most recordings without the place in the source that follows it. */
  readonly awsMessage?: string;
  /** Event Ruler's reason, without the words that AWS puts around it. */
  readonly rulerMessage?: string;
}

type Answer = boolean | { readonly code: string; readonly message: string };

const patternSuite = (name: string, file: string): Suite => ({
  name,
  file,
  run(cases) {
    const all = cases as readonly PatternCase[];
    const index = indexOfAll(all);
    const failed = all.flatMap((pattern): Failure[] => {
      const alone = answer(pattern);
      // A bus asks all of its rules at once: that has to say the same.
      const actual = typeof alone === 'boolean' ? index.match(pattern.eventText).includes(pattern) : alone;
      return isExpected(pattern, alone) && isExpected(pattern, actual)
        ? []
        : [{ id: pattern.id, expected: expectation(pattern), actual }];
    });
    return { suite: name, total: all.length, passed: all.length - failed.length, failed };
  },
});

export const eventbridgePatterns = patternSuite('eventbridge-patterns', 'eventbridge/patterns.json');
export const eventbridgeFuzz = patternSuite('eventbridge-fuzz', 'eventbridge/fuzz.json');

function answer({ patternText, eventText }: PatternCase): Answer {
  try {
    return matchesPattern(compilePattern(patternText), eventText);
  } catch (error) {
    if (error instanceof AwsError) return { code: error.code, message: error.message };
    return { code: 'crash', message: String(error) };
  }
}

/** One index over every pattern that is one. */
function indexOfAll(cases: readonly PatternCase[]): PatternIndex<PatternCase> {
  const compiled = cases.flatMap((pattern) => {
    try {
      return [[compilePattern(pattern.patternText), pattern] as const];
    } catch {
      // What it is refused with is judged case by case.
      return [];
    }
  });
  return new PatternIndex(compiled);
}

function expectation({ expected, awsMessage, rulerMessage }: PatternCase): unknown {
  const reason = awsMessage ?? rulerMessage;
  return reason === undefined ? expected : { code: expected, message: reason };
}

function isExpected({ expected, awsMessage, rulerMessage }: PatternCase, actual: Answer): boolean {
  if (typeof actual === 'boolean' || typeof expected === 'boolean') return actual === expected;
  if (actual.code !== expected) return false;
  const message = awsMessage ?? (rulerMessage && `Event pattern is not valid. Reason: ${rulerMessage}`);
  return message === undefined || actual.message === message || actual.message.startsWith(`${message}\n at [Source: `);
}
