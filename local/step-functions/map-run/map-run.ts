import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { processorOf, type StateMachineDefinition } from '../asl.ts';
import type { Command } from '../engine/actor.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import { abortExecution, redriveExecution } from '../engine/redrive.ts';
import { iterationInput } from '../interpreter/branching-states.ts';
import { Evaluation, type InterpreterEnvironment } from '../interpreter/evaluation.ts';
import {
  childLanguage,
  type Execution,
  type ExecutionStatus,
  type Frame,
  type MapRunPlace,
} from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import { Problem } from '../language/problem.ts';
import type { ChildHeader } from './child-header.ts';
import { childHeader, definitionRevision } from './child-header.ts';
import { type ChildInput, childInputs } from './item-batcher.ts';
import { readItems, type SourcedItem } from './item-reader.ts';
import type { ChildRow, MapRunLog, MapRunRow } from './map-run-log.ts';
import type { ObjectStorage } from './object-storage.ts';
import { collectResults, exportResults, type ResultSource } from './result-writer.ts';
import { itemReaderFailed, RunFailure } from './run-failure.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html: without MaxConcurrency, 10,000 run at once. */
const MOST_CONCURRENT = 10_000;
/** Children that are started, and rows that are written, in one transaction. */
const CHUNK = 500;
/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const EXPRESS_LIMIT_SECONDS = 300;

/** What a run needs of the engine. */
export interface MapRunHost {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: MapRunLog;
  readonly environment: InterpreterEnvironment;
  /** Undefined where there is no S3: then a run that needs it fails by name. */
  readonly storage: ObjectStorage | undefined;
  /** Group commit: resolves when `write` is on disk. */
  commit(write: () => void): Promise<void>;
  /** Begins a child execution; `alongside` is written in the transaction that makes it. */
  startChild(child: ChildStart, alongside: (executionKey: number) => void): Promise<void>;
  executionOf(executionKey: number): ExecutionRow;
  forget(executionKey: number): void;
  post(row: ExecutionRow, command: Command): Promise<boolean>;
}

export interface ChildStart {
  readonly header: ChildHeader;
  readonly definition: StateMachineDefinition;
  readonly revision: string;
  readonly input: string;
  /** The longest it may run. */
  readonly limitSeconds?: number;
  readonly parent: { readonly arn: string; readonly frame: string; readonly seq: number };
}

/** How a run ended, for the state that waits for it. */
export type RunEnd = { readonly result: unknown } | { readonly failure: Failure };

/**
 * One run of a distributed Map: reads the dataset into rows, starts a child execution for each as fast as its concurrency allows, and tells
 * how it ended. All that it knows is in the store, so that a run which was interrupted anywhere is taken up by making it anew.
 */
export class MapRun {
  readonly key: number;
  readonly #host: MapRunHost;
  readonly #execution: Execution;
  readonly #frame: Frame;
  readonly #running = new Map<number, number>();
  #row: MapRunRow;
  #failedItems = 0;
  #totalItems = 0;
  #cursor = -1;
  #givenUp = false;
  #changed = false;
  #waiting = false;
  #notify = () => {};

  constructor(row: MapRunRow, execution: Execution, frame: Frame, host: MapRunHost) {
    this.key = row.key;
    this.#row = row;
    this.#execution = execution;
    this.#frame = frame;
    this.#host = host;
  }

  /** Undefined when it was given up. */
  async run(): Promise<RunEnd | undefined> {
    try {
      if (!this.#row.itemsRead) await this.#readDataset();
      const withinThreshold = await this.#runChildren();
      if (this.#givenUp) return undefined;
      const result = await this.#results();
      if (this.#givenUp) return undefined;
      if (withinThreshold) return { result };
      return {
        failure: {
          error: 'States.ExceedToleratedFailureThreshold',
          cause: 'The specified tolerated failure threshold was exceeded',
        },
      };
    } catch (error) {
      if (this.#givenUp) return undefined;
      if (error instanceof RunFailure) return { failure: error.failure };
      if (error instanceof Problem) return { failure: { error: error.error, cause: error.message } };
      throw error;
    }
  }

  /** Nobody waits for it any more: nothing else is started, and what runs is stopped. */
  giveUp(): void {
    this.#givenUp = true;
    this.#wake();
    for (const executionKey of this.#running.values()) void this.#stop(executionKey);
  }

  childEnded({ idx, items }: MapRunPlace, status: ExecutionStatus): void {
    if (!this.#running.delete(idx)) return;
    if (status !== 'SUCCEEDED') this.#failedItems += items;
    this.#wake();
  }

  /** UpdateMapRun changed its limits. */
  updated(): void {
    this.#row = this.#host.log.byKey(this.key);
    this.#wake();
  }

  async #readDataset(): Promise<void> {
    const { log } = this.#host;
    await this.#host.commit(() => log.dropChildren(this.key));
    let chunk: ChildInput[] = [];
    let idx = 0;
    const save = async (last: boolean) => {
      const inputs = chunk;
      const first = idx;
      chunk = [];
      idx += inputs.length;
      await this.#host.commit(() => {
        for (const [offset, input] of inputs.entries()) log.addChild(this.key, first + offset, input);
        if (last) log.change(this.key, { itemsRead: 1 });
      });
    };
    for await (const input of childInputs(this.#selected(), this.#settings.batcher)) {
      if (this.#givenUp) return;
      chunk.push(input);
      if (chunk.length >= CHUNK) await save(false);
    }
    await save(true);
  }

  get #settings() {
    return this.#frame.state!.mapRun!.settings;
  }

  /** The items, as ItemSelector makes them. */
  async *#selected(): AsyncGenerator<unknown> {
    const evaluation = new Evaluation(this.#execution, this.#frame, this.#host.environment);
    let index = 0;
    for await (const { value, source } of this.#items()) {
      yield await iterationInput(this.#frame, index, value, evaluation, source);
      index += 1;
    }
  }

  #items(): AsyncIterable<SourcedItem> | Iterable<SourcedItem> {
    const { reader } = this.#settings;
    if (!reader) return (this.#frame.state!.items ?? []).map((value) => ({ value, source: 'STATE_DATA' }));
    if (!this.#host.storage) throw itemReaderFailed('There is no S3 to read the dataset from.');
    return readItems(reader, this.#host.storage, this.#role);
  }

  get #role() {
    const { roleArn, name } = this.#execution.header;
    return { roleArn, sessionName: name };
  }

  /** Resolves when no child runs and none is to be started: with whether no more items failed than may. */
  async #runChildren(): Promise<boolean> {
    this.#takeStock();
    for (;;) {
      if (this.#givenUp) return false;
      this.#changed = false;
      const within = this.#withinThreshold();
      const free = within ? this.#limit - this.#running.size : 0;
      const next = free > 0 ? this.#host.log.waiting(this.key, this.#cursor, Math.min(free, CHUNK)) : [];
      if (next.length > 0) {
        this.#cursor = next.at(-1)!.idx;
        await Promise.all(next.map((child) => this.#start(child)));
        continue;
      }
      if (this.#running.size === 0) return within;
      if (!within) for (const executionKey of [...this.#running.values()]) await this.#stop(executionKey);
      if (this.#running.size > 0) await this.#change();
    }
  }

  #takeStock(): void {
    const { log } = this.#host;
    for (const child of log.withStatus(this.key, 'RUNNING')) this.#running.set(child.idx, child.executionKey!);
    for (const { status, items } of log.counts(this.key)) {
      this.#totalItems += items;
      if (status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED') this.#failedItems += items;
    }
  }

  get #limit(): number {
    return Math.min(this.#row.maxConcurrency || MOST_CONCURRENT, MOST_CONCURRENT);
  }

  /** With neither given, no item may fail; with both, either stops the run. */
  #withinThreshold(): boolean {
    const { toleratedCount: count, toleratedPercentage: percentage } = this.#row;
    if (this.#failedItems === 0) return true;
    if (count === null && percentage === null) return false;
    const share = (100 * this.#failedItems) / this.#totalItems;
    return (count === null || this.#failedItems <= count) && (percentage === null || share <= percentage);
  }

  async #start(child: ChildRow): Promise<void> {
    const { host, header, definition, revision } = this.#child;
    const place = { runKey: this.key, idx: child.idx, items: child.items };
    const previous = child.executionKey === null ? undefined : host.executionOf(child.executionKey);
    if (previous && !header.express) {
      this.#running.set(child.idx, previous.key);
      const accepted = await host.post(previous, redriveExecution(host.clock.now()));
      if (!accepted) this.#running.delete(child.idx);
      return;
    }
    const name = host.ids.uuid();
    const { arn, seq } = { arn: this.#execution.header.arn, seq: this.#frame.state!.mapRun!.seq };
    await host.startChild(
      {
        header: { ...header.of(name), mapRun: place },
        definition,
        revision,
        input: child.input ?? previous!.input,
        ...(header.express && { limitSeconds: EXPRESS_LIMIT_SECONDS }),
        parent: { arn, frame: this.#frame.id, seq },
      },
      (executionKey) => {
        if (previous) host.forget(previous.key);
        host.log.childStarted(place, executionKey);
        this.#running.set(child.idx, executionKey);
      },
    );
  }

  /** What every child of the run has in common. */
  get #child() {
    const { host, execution, frame } = { host: this.#host, execution: this.#execution, frame: this.#frame };
    this.#common ??= (() => {
      const processor = processorOf(frame.state!.definition);
      const { ProcessorConfig: config, ...program } = processor;
      const definition: StateMachineDefinition = { ...program, QueryLanguage: childLanguage(processor, frame) };
      const express = config?.ExecutionType === 'EXPRESS';
      return {
        host,
        definition,
        revision: definitionRevision(definition),
        header: {
          express,
          of: (name: string) => childHeader(execution.header, this.#row.arn, name, express, host.ids),
        },
      };
    })();
    return this.#common;
  }

  #common:
    | {
        readonly host: MapRunHost;
        readonly definition: StateMachineDefinition;
        readonly revision: string;
        readonly header: { readonly express: boolean; readonly of: (name: string) => Omit<ChildHeader, 'mapRun'> };
      }
    | undefined;

  async #stop(executionKey: number): Promise<void> {
    await this.#host.post(this.#host.executionOf(executionKey), abortExecution());
  }

  async #results(): Promise<unknown> {
    const { writer } = this.#settings;
    const source: ResultSource = {
      log: this.#host.log,
      runKey: this.key,
      mapRunArn: this.#row.arn,
      stateMachineArn: this.#child.header.of('').stateMachineArn,
      stateName: this.#frame.state!.name,
    };
    if (writer?.bucket === undefined) return this.#withinThreshold() ? collectResults(source, writer) : undefined;
    if (!this.#host.storage)
      throw new RunFailure('States.ResultWriterFailed', 'There is no S3 to write the results to.');
    const result = await exportResults(source, { ...writer, bucket: writer.bucket }, this.#host.storage, this.#role);
    await this.#host.commit(() => this.#host.log.change(this.key, { resultsWritten: 1 }));
    return result;
  }

  #wake(): void {
    this.#changed = true;
    this.#waiting = false;
    this.#notify();
  }

  /** Whether nothing happens before a child has ended. */
  get waits(): boolean {
    return this.#waiting;
  }

  async #change(): Promise<void> {
    if (this.#changed) return;
    this.#waiting = true;
    await new Promise<void>((resolve) => {
      this.#notify = resolve;
    });
  }
}
