/** How sensitive data is, least first. A model inherits the classification of the data it was trained on. */
export const classifications = ['public', 'internal', 'confidential', 'restricted'] as const;

export type Classification = (typeof classifications)[number];

/**
 * Whether an artifact of this classification may cross a border between environments. A trained model is a summary of its
 * data, so a confidential model crosses no border that its data may not: its recipe crosses and it is trained again.
 */
export const mayCross = (classification: Classification): boolean =>
  classification === 'public' || classification === 'internal';
