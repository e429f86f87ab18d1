import type { GoldenRow } from './golden-access.ts';

type Stated = Omit<GoldenRow, 'environments'> & { readonly because: string };

const own = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:<account>:${resource}`;
const REGISTRY = own('dynamodb', 'table/sluice-<env>-registry');
const ENCRYPTION = own('kms', 'key/<encryption>');
const DEAD_LETTERS = own('sqs', 'sluice-<env>-dead-letters');
const ARTIFACTS = 'arn:aws:s3:::sluice-<env>-artifacts-<account>';
const DATA = 'arn:aws:s3:::sluice-<env>-data-<account>';
const runsOf = (machine: string) => own('states', `execution:sluice-<env>-${machine}:<run>`);
const machine = (name: string) => own('states', `stateMachine:sluice-<env>-${name}`);
const through = (service: string) => ({ 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` });

const each = (
  who: readonly string[],
  actions: readonly string[],
  resource: string,
  because: string,
  context: Readonly<Record<string, string>> = {},
): readonly Stated[] =>
  who.flatMap((one) => actions.map((action) => ({ who: one, action, resource, context, because })));

const CONSUMERS = ['on-code-committed', 'on-data-arrived', 'on-model-registered', 'on-promotion-requested'];
const DEAD_LETTER_SENDERS = [...CONSUMERS, 'relay-outbox'];
const RULES = [
  own('events', 'rule/sluice-<env>-on-data-arrived'),
  own('events', 'rule/sluice-<env>-on-code-committed'),
  own('events', 'rule/sluice-<env>/sluice-<env>-on-model-registered'),
  own('events', 'rule/sluice-<env>/sluice-<env>-on-promotion-requested'),
  own('events', 'rule/sluice-<env>/sluice-<env>-forward-promotion-requests'),
];

/** What the deployment needs and no journey comes to, each with the reason. What a journey does come to needs no statement here. */
export const statedAccess: readonly Stated[] = [
  ...each(
    ['on-data-arrived'],
    ['dynamodb:Query'],
    REGISTRY,
    'an arrival that came before its recipe is looked for again',
  ),
  ...each(
    ['move-artifact'],
    ['dynamodb:Query'],
    REGISTRY,
    'a package that was copied gets the next number of its model',
  ),
  ...each(
    ['on-model-registered', 'on-promotion-requested', 'reject-training', 'reconcile-audit'],
    ['dynamodb:GetItem'],
    REGISTRY,
    'a commit whose answer was lost finds its own audit event',
  ),
  ...each(
    [
      'on-data-arrived',
      'snapshot-dataset',
      'validate-dataset',
      'train-model',
      'evaluate-model',
      'package-model',
      'test-security',
    ],
    ['s3:ListBucket'],
    DATA,
    'an object that is not there is told from one that is forbidden',
  ),
  ...each(
    [
      'on-code-committed',
      'on-model-registered',
      'validate-dataset',
      'train-model',
      'evaluate-model',
      'package-model',
      'register-model',
      'test-integration',
      'test-performance',
      'test-security',
      'judge-gates',
      'observe-canary',
      'request-promotion',
      'predict',
    ],
    ['s3:ListBucket'],
    ARTIFACTS,
    'an object that is not there is told from one that is forbidden',
  ),
  ...each(DEAD_LETTER_SENDERS, ['sqs:SendMessage'], DEAD_LETTERS, 'what it gives up goes to the dead letters'),
  ...each(
    DEAD_LETTER_SENDERS,
    ['kms:GenerateDataKey', 'kms:Decrypt'],
    ENCRYPTION,
    'the dead letters are encrypted',
    through('sqs'),
  ),
  ...RULES.flatMap((rule) => [
    ...each(['events.amazonaws.com'], ['sqs:SendMessage'], DEAD_LETTERS, 'what a target never took', {
      'aws:SourceArn': rule,
      'aws:SourceAccount': '<account>',
    }),
    ...each(
      ['events.amazonaws.com'],
      ['kms:GenerateDataKey', 'kms:Decrypt'],
      ENCRYPTION,
      'the dead letters are encrypted',
      { 'aws:SourceArn': rule, 'aws:SourceAccount': '<account>', ...through('sqs') },
    ),
  ]),
  ...each(
    ['on-code-committed', 'on-data-arrived'],
    ['states:DescribeExecution'],
    runsOf('train-model'),
    'a name that is taken is this very run or another one',
  ),
  ...each(
    ['on-model-registered', 'on-promotion-requested'],
    ['states:DescribeExecution'],
    runsOf('promote-model'),
    'a name that is taken is this very run or another one',
  ),
  ...each(
    ['promote-model-machine'],
    ['states:DescribeExecution', 'states:StopExecution'],
    runsOf('train-model'),
    'what .sync:2 needs: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html',
  ),
  ...each(
    ['promote-model-machine'],
    ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    own('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
    'what .sync:2 needs: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html',
  ),
  ...each(
    ['authorize-promotion', 'record-approval'],
    ['states:SendTaskFailure'],
    machine('promote-model'),
    'a no ends the wait',
  ),
  ...each(
    ['relay-outbox'],
    ['kms:Decrypt', 'kms:DescribeKey'],
    ENCRYPTION,
    "a stream is encrypted with its table's key",
    through('dynamodb'),
  ),
  ...each(['move-artifact'], ['s3:PutObject'], `${ARTIFACTS}/models/<key>`, 'the strategy copy moves a package'),
  ...each(['request-promotion'], ['s3:GetObject'], `${ARTIFACTS}/models/<key>`, 'the strategy copy offers a package'),
  ...each(
    ['test-security'],
    ['kms:Verify'],
    'arn:aws:kms:eu-west-1:<predecessorAccount>:key/<signing>',
    'a package that was copied is signed by the environment before',
    { 'kms:RequestAlias': 'alias/sluice-<predecessor>-signing' },
  ),
  ...each(
    ['engineer'],
    ['states:GetExecutionHistory'],
    runsOf('train-model'),
    '`sluice replay` looks where a run failed, and one that is still under way is looked at too',
  ),
  ...each(
    ['engineer'],
    ['states:RedriveExecution'],
    runsOf('train-model'),
    '`sluice replay --from` goes on with a run that failed',
  ),
  ...each(
    ['engineer'],
    ['states:RedriveExecution'],
    runsOf('promote-model'),
    '`sluice replay --from` goes on with a run that failed',
  ),
  ...['engineer', 'approver'].flatMap((role) =>
    each(
      ['administrator'],
      ['sts:AssumeRole'],
      `arn:aws:iam::<account>:role/sluice-<env>-${role}`,
      'people of the account take the role on',
    ),
  ),
];
