import { openPackage, type Package, type PackageSource } from '../../contracts/package.ts';
import { loadRecipe } from '../../contracts/recipe/load-recipe.ts';
import type { TestInput, TestOutput } from '../../contracts/steps/promote-model-steps.ts';
import { packageFiles } from '../../domain/artifact-keys.ts';
import { locationsOf } from '../../domain/dataset-locations.ts';
import { ArtifactInvalid, DigestMismatch, ObjectMissing } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { StepResult } from '../../domain/step.ts';
import { testResult } from '../../domain/test-evidence.ts';
import { DEFAULT_ONNX_LIMITS } from '../../ml/onnx/limits.ts';
import { loadOnnx } from '../../ml/onnx/load-onnx.ts';
import { findTrainingRows, jsonRuns, onnxRuns } from '../../ml/training-rows.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'promotion' | 'dataset'>;
  readonly tables: Pick<Tables, 'load'>;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly dataBucket: string;
  readonly ownKeyArn: string;
  /** Signed a package that was copied here. Null in dev. */
  readonly predecessorKeyArn: string | null;
}

const LARGEST_TEXT = 20_000_000;
const MOST_ROWS_NAMED = 3;

/** What loadOnnx refuses, in its words: format, operators, sizes, external data. */
function formatFindings(bytes: Uint8Array): string[] {
  try {
    loadOnnx(bytes);
    return [];
  } catch (error) {
    return [`model.onnx is not served: ${(error as Error).name}: ${(error as Error).message}`];
  }
}

/** Reads every file of the package, so that each digest is checked. */
async function fileFindings(opened: Package): Promise<string[]> {
  const findings: string[] = [];
  for (const file of packageFiles) {
    try {
      await opened.file(file, file === 'model.onnx' ? DEFAULT_ONNX_LIMITS.maximumBytes : LARGEST_TEXT);
    } catch (error) {
      if (!(error instanceof DigestMismatch || error instanceof ObjectMissing || error instanceof ArtifactInvalid))
        throw error;
      findings.push(error.message);
    }
  }
  return findings;
}

/** Whether a row of the training data is in the package, as far as findTrainingRows can tell. Null: its data is not in this environment. */
async function trainingRowFindings(
  { registry, tables, dataBucket }: Deps,
  opened: Package,
  { data, model }: ModelDefinition,
): Promise<{ findings: string[]; rowsSearched: number } | null> {
  const dataset = await registry.dataset(model, opened.manifest.datasetDigest);
  if (!dataset) return null;
  const table = await tables.load(locationsOf(dataset, dataBucket), data);
  const json = async (file: 'golden.json' | 'metrics.json') =>
    JSON.parse(new TextDecoder().decode(await opened.file(file, LARGEST_TEXT)));
  const runs = [
    ...onnxRuns(await opened.file('model.onnx', DEFAULT_ONNX_LIMITS.maximumBytes)),
    ...jsonRuns('golden.json', await json('golden.json')),
    ...jsonRuns('metrics.json', await json('metrics.json')),
  ];
  const numbers = opened.manifest.features.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  // As the model takes them, and as canonical JSON writes a row.
  const orders = [numbers, [...numbers].sort()];
  const search = findTrainingRows({ runs, table, target: data.target.column, orders });
  return {
    rowsSearched: search.rowsSearched,
    findings: search.found
      .slice(0, MOST_ROWS_NAMED)
      .map(({ row, where }) => `training row ${row + 1} is in the package: ${where}`),
  };
}

/**
 * Tests that a package is what may be served: of the allowed format and operators, with the bytes that were digested and signed, and
 * without rows of its training data.
 *
 * Runs in:  promote-model, state TestSecurity.
 * Throws:   PromotionMissing, DigestMismatch (of the manifest), RecipeInvalid, ObjectMissing (terminal), StorageUnavailable, SigningUnavailable, RegistryUnavailable
 *           (transient).
 * Repeating is safe: the evidence of a promotion's test is one item, the last one counts.
 */
export const testSecurity =
  (deps: Deps) =>
  async ({ promotionId, model, modelDigest }: TestInput): Promise<StepResult<TestOutput>> => {
    const { registry, signer, clock, ownKeyArn, predecessorKeyArn } = deps;
    const promotion = await runningPromotion(registry, promotionId);
    const definition = await loadRecipe(deps, promotion.request.candidate.recipeDigest);
    const opened = await openPackage(deps, model, modelDigest);

    const findings = await fileFindings(opened);
    if (findings.length === 0)
      findings.push(...formatFindings(await opened.file('model.onnx', DEFAULT_ONNX_LIMITS.maximumBytes)));
    const { signature } = await opened.signature();
    // The key that is trusted is this deployment's word; what the package says of its signer only chooses between the two.
    const trusted = signature.keyArn === ownKeyArn ? ownKeyArn : predecessorKeyArn;
    if (trusted === null || !(await signer.verify(opened.manifestText, signature, trusted))) {
      findings.push('the signature of the package is not one over its manifest by a key that is trusted here');
    }
    // What cannot be parsed was found above; its numbers cannot be searched.
    const rows = findings.length === 0 ? await trainingRowFindings(deps, opened, definition) : null;
    if (rows) findings.push(...rows.findings);

    return testResult({ signer, clock }, promotion, modelDigest, 'security', {
      measurements: { filesChecked: packageFiles.length, trainingRowsSearched: rows?.rowsSearched ?? 0 },
      findings,
    });
  };
