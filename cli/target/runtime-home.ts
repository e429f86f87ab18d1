import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileNames } from './ini.ts';

/** What the local runtime leaves in its folder for those who want to talk to it. */
export interface RuntimeHome {
  readonly directory: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly pid: number;
  readonly region: string;
  readonly credentialsFile: string;
  readonly configFile: string;
  readonly profiles: readonly string[];
}

const ROOT = join(import.meta.dirname, '..', '..');

/** The folder of the local runtime: SLUICE_HOME, or `.sluice` of this project. */
export const runtimeDirectory = (variables: NodeJS.ProcessEnv): string =>
  variables.SLUICE_HOME || join(ROOT, '.sluice');

/** Undefined when no runtime has been started there. Whether it still runs shows when it is asked. */
export function readRuntimeHome(directory: string): RuntimeHome | undefined {
  const file = join(directory, 'runtime.json');
  if (!existsSync(file)) return undefined;
  const { url, pid, region } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; pid: number; region: string };
  const credentialsFile = join(directory, 'credentials');
  const configFile = join(directory, 'config');
  const profiles = [credentialsFile, configFile].flatMap((one) =>
    existsSync(one) ? profileNames(readFileSync(one, 'utf8')) : [],
  );
  return { directory, url, pid, region, credentialsFile, configFile, profiles: [...new Set(profiles)] };
}
