/** One feature cut into at most 255 bins. */
export interface BinnedFeature {
  /** One a row; `count` means missing. */
  readonly bins: Uint8Array;
  /** Bins in use, without the missing one. */
  readonly count: number;
  /** `thresholds[b]` is at least every value of bin b and less than every value of bin b+1; count - 1 of them, 32-bit floats. */
  readonly thresholds: Float32Array;
}

export const MAXIMUM_BINS = 255;

/** A 32-bit float t with low ≤ t < high, halfway where the precision allows. */
const between = (low: number, high: number): number => {
  const middle = Math.fround(low + (high - low) / 2);
  return middle >= low && middle < high ? middle : low;
};

/** Cuts between neighbouring distinct values: all of them if they are few, else so that bins hold about the same number of rows. */
export const binThresholds = (column: Float32Array, maximumBins: number): Float32Array => {
  const present = column.filter((value) => !Number.isNaN(value)).sort();
  let distinct = present.length > 0 ? 1 : 0;
  for (let i = 1; i < present.length; i++) if (present[i] !== present[i - 1]) distinct += 1;
  const perBin = distinct <= maximumBins ? 0 : present.length / maximumBins;
  const cuts: number[] = [];
  for (let i = 1; i < present.length; i++) {
    if (present[i] === present[i - 1] || i < (cuts.length + 1) * perBin) continue;
    cuts.push(between(present[i - 1]!, present[i]!));
  }
  return Float32Array.from(cuts);
};

export const binColumn = (column: Float32Array, thresholds: Float32Array): BinnedFeature => {
  const count = thresholds.length + 1;
  const bins = new Uint8Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (Number.isNaN(value)) {
      bins[i] = count;
      continue;
    }
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= thresholds[middle]!) high = middle;
      else low = middle + 1;
    }
    bins[i] = low;
  }
  return { bins, count, thresholds };
};
