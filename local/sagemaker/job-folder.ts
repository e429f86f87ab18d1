import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TrainingSpecification } from './training-job.ts';

const HOST = 'algo-1';
/** What DescribeTrainingJob shows of a failure. */
const MOST_FAILURE_CHARACTERS = 1024;

/**
 * `/opt/ml` of one job, below a folder of the runtime: `input/config`, `input/data/CHANNEL`, `model`, `output/data`, `output/failure`,
 * `code`. https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export class JobFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get model(): string {
    return join(this.root, 'model');
  }

  /** What becomes output.tar.gz: `data`, and `failure` if there is one. */
  get output(): string {
    return join(this.root, 'output');
  }

  get failureFile(): string {
    return join(this.output, 'failure');
  }

  channel(name: string): string {
    return join(this.root, 'input', 'data', name);
  }

  /** Makes it anew, with nothing in it but its configuration. */
  async prepare({ channels, hyperParameters, described }: TrainingSpecification): Promise<void> {
    await this.remove();
    const config = join(this.root, 'input', 'config');
    for (const folder of [config, this.model, join(this.output, 'data'), join(this.root, 'code')])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { name } of channels) await mkdir(this.channel(name), { recursive: true });
    const { InstanceType } = described.ResourceConfig as { InstanceType: string };
    const given = (described.InputDataConfig as { ChannelName: string; ContentType?: string }[] | undefined) ?? [];
    const files = {
      hyperparameters: hyperParameters,
      inputdataconfig: Object.fromEntries(
        given.map(({ ChannelName, ContentType }) => [
          ChannelName,
          {
            ...(ContentType !== undefined && { ContentType }),
            TrainingInputMode: 'File',
            S3DistributionType: 'FullyReplicated',
            RecordWrapperType: 'None',
          },
        ]),
      ),
      resourceconfig: {
        current_host: HOST,
        current_instance_type: InstanceType,
        current_group_name: 'homogeneousCluster',
        hosts: [HOST],
        instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: InstanceType, hosts: [HOST] }],
        network_interface_name: 'lo',
      },
    };
    for (const [name, content] of Object.entries(files))
      await writeFile(join(config, `${name}.json`), JSON.stringify(content));
  }

  /** What the training program is told of the job, as the SageMaker training toolkit names it; every value is text. */
  variables({ channels, hyperParameters }: TrainingSpecification): Record<string, string> {
    const upper = (name: string) => name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
    return {
      SAGEMAKER_BASE_DIR: this.root,
      SM_MODEL_DIR: this.model,
      SM_INPUT_DIR: join(this.root, 'input'),
      SM_INPUT_CONFIG_DIR: join(this.root, 'input', 'config'),
      SM_OUTPUT_DIR: this.output,
      SM_OUTPUT_DATA_DIR: join(this.output, 'data'),
      SM_OUTPUT_INTERMEDIATE_DIR: join(this.output, 'intermediate'),
      SM_CHANNELS: JSON.stringify(channels.map(({ name }) => name).sort()),
      ...Object.fromEntries(channels.map(({ name }) => [`SM_CHANNEL_${upper(name)}`, this.channel(name)])),
      SM_HPS: JSON.stringify(hyperParameters),
      ...Object.fromEntries(Object.entries(hyperParameters).map(([name, value]) => [`SM_HP_${upper(name)}`, value])),
      SM_CURRENT_HOST: HOST,
      SM_HOSTS: JSON.stringify([HOST]),
      SM_NUM_CPUS: String(availableParallelism()),
      SM_NUM_GPUS: '0',
      SM_LOG_LEVEL: '20',
    };
  }

  /** What the program wrote into `output/failure`, as far as it is shown. */
  async failure(): Promise<string | undefined> {
    const file = await open(this.failureFile, 'r').catch(() => undefined);
    if (!file) return undefined;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_FAILURE_CHARACTERS * 4));
      return buffer.subarray(0, bytesRead).toString('utf8').slice(0, MOST_FAILURE_CHARACTERS);
    } finally {
      await file.close();
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
