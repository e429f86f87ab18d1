import type { ServiceNotes } from '../service-notes.ts';

export const sageMakerNotes: ServiceNotes = {
  service: 'sagemaker',
  title: 'SageMaker',
  typePrefixes: [],
  does: [
    'Training jobs on one instance, each a process of this machine under the training container’s contract: hyperparameters as text, channels from S3 in File mode, `model/` as model.tar.gz, `output/data` and `output/failure` as output.tar.gz, exit codes, SIGTERM and 120 s later SIGKILL, `MaxRuntimeInSeconds`.',
    '`/opt/ml` is a folder of the runtime: `SAGEMAKER_BASE_DIR` and the `SM_*` variables say where.',
    'An image is a name that the runtime’s option `trainingImages` gives a program for (`{"local://trainer": {command: ["node", "/path/train.mjs"]}}`); any URI can be such a name (from a file: `sluice up --training-images FILE`). The program is started with the argument `train`, or with ContainerArguments.',
    'The program’s environment is the job’s own, `PATH`, the `SM_*` variables and credentials of the job’s role: nothing else of the runtime’s.',
    'Events `SageMaker Training Job State Change` for each status, in the transaction that changes it; lines of the program in the log group `/aws/sagemaker/TrainingJobs`.',
  ],
  withoutEffect: [],
  refusedOperations: [
    'CreateProcessingJob',
    'CreateTransformJob',
    'CreateHyperParameterTuningJob',
    'CreateModel',
    'CreateEndpoint',
    'UpdateTrainingJob',
  ],
  refused: [
    'An image that has no program here: images are not pulled.',
    'More than one instance, Pipe and FastFile mode, manifest files, compressed channels, algorithms from the marketplace, ContainerEntrypoint, metric definitions.',
    'Spot training, checkpoints, VPCs, network isolation, debugger, profiler, TensorBoard, experiments, warm pools.',
  ],
  differs: [
    'The program runs with the rights of whoever started the runtime, and as many processors and as much memory as it takes; `InstanceType` and `VolumeSizeInGB` are shown.',
    'A job that was under way when the runtime ended (also when it was killed) is Failed by the next one with `InternalServerError`, or begun anew as often as its `RetryStrategy` says; a program that was left running is killed.',
    'A program that is killed leaves the exit code 128 and the signal’s number.',
    'Times in events are numbers, as in real events; AWS’s documentation shows them as text.',
  ],
};
