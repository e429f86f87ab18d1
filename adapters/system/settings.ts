import { type Environment, environments } from '../../domain/environment.ts';

/** The variables of docs/architecture.md, "Functions". */
export type SettingName =
  | 'SLUICE_REGISTRY_TABLE'
  | 'SLUICE_BUS'
  | 'SLUICE_DATA_BUCKET'
  | 'SLUICE_ARTIFACTS_BUCKET'
  | 'SLUICE_SIGNING_KEY'
  | 'SLUICE_TRAIN_MACHINE'
  | 'SLUICE_PROMOTE_MACHINE'
  | 'SLUICE_PREDICT_URL'
  | 'SLUICE_PREDECESSOR_ACCOUNT'
  | 'SLUICE_PREDECESSOR_SIGNING_KEY'
  | 'SLUICE_PREDECESSOR_ARTIFACTS_BUCKET';

/** A setting of this deployment. Throws, naming the variable, when the template does not give it. */
export function setting(name: SettingName): string {
  const value = optionalSetting(name);
  if (value === null)
    throw new TypeError(`the environment variable ${name} is not set: serverless.yml must give it to this function`);
  return value;
}

/** Null where this environment has none, as dev has no predecessor. */
export const optionalSetting = (name: SettingName): string | null => process.env[name] || null;

export function ownEnvironment(): Environment {
  const value = process.env.SLUICE_ENVIRONMENT;
  const environment = environments.find((one) => one === value);
  if (!environment)
    throw new TypeError(`SLUICE_ENVIRONMENT is "${value}"; it must be one of ${environments.join(', ')}`);
  return environment;
}
