import { fact } from '../../contracts/events/fact.ts';
import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { ValidateDatasetInput, ValidateDatasetOutput } from '../../contracts/steps/train-model-steps.ts';
import type { DataReport, Violation } from '../../domain/data-contract/data-report.ts';
import { createDataValidator } from '../../domain/data-contract/data-validator.ts';
import { TableUnreadable, violationOf } from '../../domain/data-contract/table-unreadable.ts';
import type { DatasetVersion } from '../../domain/dataset.ts';
import { locationsOf } from '../../domain/dataset-locations.ts';
import { DatasetMissing } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps extends RecipeSource {
  readonly registry: Pick<Registry, 'dataset'>;
  readonly tables: Pick<Tables, 'open'>;
  readonly dataBucket: string;
}

/** Enough to see what is wrong; the registry keeps all. A fact must fit 256 KiB, an output too. */
const TOLD_VIOLATIONS = 50;
const TOLD_REASONS = 5;

/** Streams every object of the dataset through one validator, so that uniqueness and shares are judged over the whole. */
async function check(
  tables: Deps['tables'],
  dataBucket: string,
  dataset: DatasetVersion,
  definition: ModelDefinition,
): Promise<Pick<DataReport, 'rows' | 'violations'>> {
  const validator = createDataValidator(definition.data);
  let offset = 0;
  for (const location of locationsOf(dataset, dataBucket)) {
    try {
      const table = await tables.open(location);
      validator.header(table.header);
      for await (const { firstRow, rows } of table.batches()) {
        for (const [index, cells] of rows.entries()) validator.row(offset + firstRow + index, cells);
      }
    } catch (error) {
      if (!(error instanceof TableUnreadable)) throw error;
      const violation = violationOf(error);
      return {
        rows: validator.rows(),
        violations: [{ ...violation, message: `${location.key}: ${violation.message}` }],
      };
    }
    offset = validator.rows();
  }
  return validator.finish();
}

/** The same bytes came in before and were accepted: training on them again would give the same model. */
function duplicateOf(dataset: DatasetVersion): Violation {
  const [first] = dataset.objects;
  return {
    rule: 'duplicate',
    column: null,
    count: 1,
    rows: [],
    message: `the same bytes arrived before as ${first?.key} (version ${first?.versionId}): they are dataset ${dataset.datasetDigest.slice(0, 12)} already; to train on them again, replay the run that did`,
  };
}

/**
 * Checks a dataset against its model's data contract: accepted or rejected, and each violation by column, rule, count and rows.
 *
 * Runs in:  train-model, state ValidateDataset.
 * Throws:   DatasetMissing, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: the same dataset and recipe give the same verdict.
 */
export const validateDataset =
  ({ registry, tables, dataBucket, ...source }: Deps) =>
  async (input: ValidateDatasetInput): Promise<StepResult<ValidateDatasetOutput>> => {
    const { model, recipeDigest, datasetDigest, arrivalId, trigger, replayed } = input;
    const dataset = await registry.dataset(model, datasetDigest);
    if (!dataset) throw new DatasetMissing(`dataset ${datasetDigest} of "${model}" was never snapshotted here`);
    const definition = await loadRecipe(source, recipeDigest);
    const { classification } = definition.data;

    const report = await check(tables, dataBucket, dataset, definition);
    const violations = [...report.violations];
    const again =
      trigger.kind === 'data' && !replayed && dataset.verdict === 'accepted' && dataset.arrivalId !== arrivalId;
    if (violations.length === 0 && again) violations.push(duplicateOf(dataset));

    const subjects = { datasetDigest, recipeDigest, arrivalId };
    const reasons = violations.slice(0, TOLD_REASONS).map(({ message }) => message);
    const objects = dataset.objects;
    if (violations.length === 0) {
      const accepted: DatasetVersion = {
        ...dataset,
        arrivalId: again ? dataset.arrivalId : arrivalId,
        verdict: 'accepted',
        rows: report.rows,
        columns: Object.keys(definition.data.columns),
        classification,
        violations: [],
      };
      return {
        output: { verdict: 'accepted', rows: report.rows, reasons },
        verdict: 'accepted',
        model,
        subjects,
        changes: [{ change: 'put-dataset', dataset: accepted }],
        facts: [
          fact('Dataset Accepted', {
            model,
            datasetDigest,
            rows: report.rows,
            bytes: dataset.bytes,
            classification,
            objects: [...objects],
          }),
        ],
      };
    }
    const rejected: DatasetVersion = { ...dataset, verdict: 'rejected', rows: report.rows, classification, violations };
    return {
      output: { verdict: 'rejected', rows: report.rows, reasons },
      verdict: 'rejected',
      model,
      subjects,
      // A dataset that was accepted stays so: what is rejected is its second arrival.
      changes: again ? [] : [{ change: 'put-dataset', dataset: rejected }],
      facts: [
        fact('Dataset Rejected', {
          model,
          datasetDigest,
          objects: objects.map(({ key, versionId }) => ({ key, versionId })),
          violations: violations
            .slice(0, TOLD_VIOLATIONS)
            .map((violation) => ({ ...violation, rows: [...violation.rows] })),
        }),
      ],
    };
  };
