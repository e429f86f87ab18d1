/** A table cell that its column's kind cannot hold. */
export class TableCellInvalid extends Error {
  override readonly name = 'TableCellInvalid';
  readonly column: string;
  readonly row: number;
  constructor(column: string, row: number, problem: string) {
    super(`Column ${JSON.stringify(column)}, row ${row}: ${problem}`);
    this.column = column;
    this.row = row;
  }
}

/** The table has no column of that name, or one of the wrong kind. */
export class ColumnInvalid extends Error {
  override readonly name = 'ColumnInvalid';
  readonly column: string;
  constructor(column: string, problem: string) {
    super(`Column ${JSON.stringify(column)}: ${problem}`);
    this.column = column;
  }
}

/** The target column does not fit the task. */
export class TargetInvalid extends Error {
  override readonly name = 'TargetInvalid';
  readonly target: string;
  constructor(target: string, problem: string) {
    super(`Target ${JSON.stringify(target)}: ${problem}`);
    this.target = target;
  }
}

/** Too few rows, classes or usable features to train on. */
export class TrainingDataInsufficient extends Error {
  override readonly name = 'TrainingDataInsufficient';
}

/** A hyperparameter or algorithm that does not exist or is out of its bounds. */
export class HyperparameterInvalid extends Error {
  override readonly name = 'HyperparameterInvalid';
}

/** A saved model that is not one, or of another format version. */
export class ModelInvalid extends Error {
  override readonly name = 'ModelInvalid';
}
