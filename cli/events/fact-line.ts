import type { Fact } from '../../domain/fact.ts';
import { formatTimeOfDay } from '../output/durations.ts';
import { headlineMetric, shortDigest } from '../output/figures.ts';
import type { Paint } from '../output/paint.ts';
import { printable } from '../output/paint.ts';

/** A fact in one line: when, where, what, and what a person wants to know of it first. */
export function factLine(fact: Fact, paint: Paint): string {
  const colour = /Rejected|Rolled Back/.test(fact.type)
    ? paint.bad
    : /Promoted|Accepted|Approved/.test(fact.type)
      ? paint.good
      : paint.accent;
  return `${paint.dim(formatTimeOfDay(fact.at))}  ${fact.environment}  ${colour(fact.type.padEnd(22))} ${printable(describe(fact))}`.trimEnd();
}

type Data = { readonly [name: string]: unknown };

function describe({ type, data }: Fact): string {
  const request = (data.request ?? {}) as Data;
  const model = String(data.model ?? request.model ?? '');
  return [model, detail(type, data, request)].filter((part) => part !== '').join('  ');
}

function detail(type: string, data: Data, request: Data): string {
  switch (type) {
    case 'Dataset Accepted':
      return `${data.rows} rows, dataset ${shortDigest(String(data.datasetDigest))}`;
    case 'Dataset Rejected':
      return messages(data.violations);
    case 'Recipe Accepted':
      return `recipe ${shortDigest(String(data.recipeDigest))}`;
    case 'Recipe Rejected':
      return messages(data.problems);
    case 'Model Trained':
      return `${data.algorithm} on ${data.trainingRows} rows`;
    case 'Training Rejected':
      return `${data.state ?? ''} ${data.error}: ${data.cause}`.trim();
    case 'Model Registered':
      return `version ${data.version}, ${headlineMetric(data.metrics as { [name: string]: number })}`;
    case 'Promotion Requested':
      return `${request.from ?? ''} → ${request.to}`;
    case 'Approval Requested':
      return `into ${data.to}: ${data.promotionId}`;
    case 'Promotion Approved':
      return `by ${data.by} (${data.approvals} of ${data.required})`;
    case 'Promotion Rejected':
      return (data.reasons as string[]).join('; ');
    case 'Model Promoted':
      return `version ${data.version} serves in ${data.to}`;
    case 'Audit Recorded': {
      const audit = data.audit as Data;
      return `${audit.function} ${audit.verdict ?? audit.outcome}`;
    }
    default:
      return '';
  }
}

const messages = (list: unknown): string => (list as { message: string }[]).map((one) => one.message).join('; ');
