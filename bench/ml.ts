import { buildOnnx } from '../ml/onnx/build-onnx.ts';
import { type FeatureRow, loadOnnx } from '../ml/onnx/load-onnx.ts';
import { train } from '../ml/train.ts';
import { loadRealTable, REAL_TABLES, realTablesMissing } from '../test/support/real-tables.ts';

/** Training and prediction on the real tables: `node bench/ml.ts`, one JSON line a table. Times in milliseconds, medians of five. */
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const timed = (run: () => unknown, times = 5): number =>
  median(
    Array.from({ length: times }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );

if (realTablesMissing !== null) throw new Error(realTablesMissing);
for (const { file, reference: _, ...request } of REAL_TABLES) {
  const table = loadRealTable(file);
  const start = performance.now();
  const { model } = train({ ...request, table, seed: 1 });
  const coldTrainMs = performance.now() - start;
  const bytes = buildOnnx(model);
  const onnx = loadOnnx(bytes);
  const row: FeatureRow = Object.fromEntries(
    model.features.map(({ name, ...feature }) => [
      name,
      feature.kind === 'number' ? feature.range[0] : feature.levels[0]!,
    ]),
  );
  const single = timed(() => {
    for (let i = 0; i < 1000; i++) onnx.predict([row]);
  });
  const report = {
    file,
    rows: table.rows,
    algorithm: model.algorithm,
    coldTrainMs: Math.round(coldTrainMs),
    trainMs: Math.round(timed(() => train({ ...request, table, seed: 1 }))),
    onnxBytes: bytes.length,
    loadMs: Number(timed(() => loadOnnx(bytes)).toFixed(2)),
    singleRowMicroseconds: Math.round(single),
    batchRowsPerSecond: Math.round((table.rows / timed(() => onnx.predictTable(table))) * 1000),
  };
  console.log(JSON.stringify(report));
}
