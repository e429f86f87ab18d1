/** What a function threw or what befell it, as callers see it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** From a sandbox's worker (`entry.mjs`) to the runtime. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** The handler could not be loaded; the worker is of no use. */
  | { readonly type: 'init-failed'; readonly error: FunctionError }
  | { readonly type: 'log'; readonly requestId: string; readonly text: string }
  | { readonly type: 'answer'; readonly requestId: string; readonly payload: string; readonly memoryBytes: number }
  | {
      readonly type: 'failure';
      readonly requestId: string;
      readonly error: FunctionError;
      readonly memoryBytes: number;
    }
  /** An error outside any handler; the worker is not used again. */
  | { readonly type: 'crash'; readonly error: FunctionError };

/** From the runtime to the worker: one event. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  readonly invokedFunctionArn: string;
  readonly clientContext?: unknown;
  readonly timeoutMs: number;
}

export interface WorkerData {
  readonly taskRoot: string;
  readonly handler: string;
  readonly runtime: string;
  /** A folder for V8's compile cache. */
  readonly compileCache: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: string;
  /** The members of `context` that are the same for every event. */
  readonly functionContext: Readonly<Record<string, string>>;
}
