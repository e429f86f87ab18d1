/** The three environments in the order of promotion. */
export const environments = ['dev', 'acc', 'prd'] as const;

/** One deployment of Sluice in one AWS account. */
export type Environment = (typeof environments)[number];

/** The environment after this one; null for `prd`. */
export const nextEnvironment = (environment: Environment): Environment | null =>
  environments[environments.indexOf(environment) + 1] ?? null;

/** The environment before this one, the only one that may request promotions into it; null for `dev`. */
export const predecessorOf = (environment: Environment): Environment | null =>
  environments[environments.indexOf(environment) - 1] ?? null;
