import type { ColumnContract, DataContract } from '../model-definition.ts';

/** The columns that a model is trained on: all but the target, those excluded, and free text. In the order of the contract. */
export const trainingFeatures = (contract: DataContract): string[] =>
  Object.entries(contract.columns)
    .filter(([name, { type }]) => type !== 'text' && name !== contract.target.column)
    .map(([name]) => name)
    .filter((name) => !contract.excludeFromTraining.includes(name));

/** Whether a column is trained on as numbers or as categories; null for free text, which is not trained on. */
export const trainingKind = ({ type }: ColumnContract): 'number' | 'category' | null => {
  if (type === 'text') return null;
  return type === 'integer' || type === 'number' ? 'number' : 'category';
};
