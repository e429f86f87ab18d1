import type { ServiceNotes } from '../service-notes.ts';

export const lambdaNotes: ServiceNotes = {
  service: 'lambda',
  title: 'Lambda',
  typePrefixes: ['AWS::Lambda::'],
  does: [
    'ZIP packages for `nodejs24.x` and `nodejs22.x`, each sandbox a worker thread with the function’s own environment, credentials of its role and memory; timeouts, reserved concurrency.',
    'Versions; aliases with weights, each with its own permissions, URL, asynchronous settings and stream mappings.',
    'Invocation types RequestResponse, Event (with retries, maximum age, dead-letter queue and destinations) and DryRun; `LogType: Tail`, with AWS’s lines for starts, reports, errors and timeouts; client context. 6 MB a request or an answer, 1 MB an event.',
    'Event source mappings from DynamoDB streams: batching, windows, filters, retries, bisecting, partial failures, OnFailure destination.',
    'Destinations: standard SQS queues, event buses, functions. Dead letters: standard SQS queues.',
    'Function URLs at `http://127.0.0.1:PORT/_url/ID/`, payload format 2.0, `AWS_IAM` and `NONE`.',
  ],
  withoutEffect: [
    {
      type: 'AWS::Lambda::Function',
      properties: ['TracingConfig', 'KmsKeyArn'],
      as: 'kept',
      why: 'the runtime’s log says so when the function is deployed',
    },
    {
      type: 'AWS::Lambda::Function',
      properties: ['EphemeralStorage'],
      as: 'shown',
      why: '`/tmp` is this machine’s, shared and unbounded',
    },
    { type: 'AWS::Lambda::Function', properties: ['Architectures', 'Description', 'Tags'], as: 'shown' },
    { type: 'AWS::Lambda::EventSourceMapping', properties: ['Tags'], as: 'dropped' },
  ],
  refused: [
    'Container images, layers, VPCs, file systems, SnapStart, provisioned concurrency, other runtimes.',
    'Response streaming (`InvokeMode: RESPONSE_STREAM`), `Cors` of a function URL.',
    'Event sources other than DynamoDB streams, SQS among them; `ParallelizationFactor` above 1.',
    'SNS topics and FIFO queues as destination or dead-letter target.',
    'Making and changing functions by the API: they come from templates. Versions, aliases, permissions and reserved concurrency can be made by both.',
  ],
  differs: [
    'A sandbox keeps functions apart from each other’s environment and memory, not from this machine: their code runs with the rights of whoever started the runtime. Deploy only code that you would run yourself.',
    '`MemorySize` bounds the JavaScript heap; Buffers are not counted. `Max Memory Used` is what the function holds when it answers; of a sandbox that was ended, all that it may have.',
    '`nodejs22.x` runs on the runtime’s own Node.',
    'A function URL’s answer with more than one cookie is a 502.',
    'At most 32 sandboxes exist at a time, in all accounts together; an invocation beyond waits.',
  ],
};
