import { type BuildResult, buildFunctions } from './build-functions.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { packageTemplate, placeArtifacts, type Stage, stageDirectory } from './package-stage.ts';

export type { Stage } from './package-stage.ts';
export { stages } from './package-stage.ts';

export interface PackagedStage {
  readonly stage: Stage;
  /** Holds `cloudformation-template-update-stack.json`, `serverless-state.json` and the functions' zip files. */
  readonly directory: string;
  /** False when the package on disk was already that of the source. */
  readonly packaged: boolean;
}

/**
 * Builds the functions and packages the deployment for the given stages, all at the same time; what is up to date is left as it is. Safe to
 * call from several processes at once: they wait for each other. Throws what the build or the packager refuses.
 */
export const packageDeployment = (
  root: string,
  stages: readonly Stage[],
): Promise<{ readonly functions: BuildResult; readonly stages: readonly PackagedStage[] }> =>
  oneAtATime(root, async () => {
    const building = buildFunctions(root);
    const templates = stages.map((stage) => packageTemplate(root, stage));
    // All are let finish before one's failure is told: nothing may still be writing when the next build begins.
    await Promise.allSettled([building, ...templates]);
    const functions = await building;
    const isNew = await Promise.all(templates);
    const packaged = stages.map((stage, index) => {
      const hasNewCode = placeArtifacts(root, stage);
      return { stage, directory: stageDirectory(root, stage), packaged: hasNewCode || isNew[index] === true };
    });
    return { functions, stages: packaged };
  });
