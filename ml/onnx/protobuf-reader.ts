import { OnnxFeatureRefused, OnnxMalformed, OnnxTooLarge } from './errors.ts';
import type { OnnxLimits } from './limits.ts';
import { WIRE_32, WIRE_64, WIRE_BYTES, WIRE_VARINT } from './protobuf-writer.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A string takes as much memory and time as some eight numbers, even an empty one. */
const STRING_COST = 8;

/** What is left to read before a limit is reached; one for a whole file. */
export class ReadingBudget {
  private messages: number;
  private elements: number;
  constructor({ maximumMessages, maximumElements }: OnnxLimits) {
    this.messages = maximumMessages;
    this.elements = maximumElements;
  }

  takeMessage(where: string): void {
    this.messages -= 1;
    if (this.messages < 0) throw new OnnxTooLarge(where, 'the file has more messages than the limit allows');
  }

  takeElements(count: number, where: string): void {
    this.elements -= count;
    if (this.elements < 0) throw new OnnxTooLarge(where, 'the file has more numbers and strings than the limit allows');
  }
}

/** A field that a message may not have, with the reason. */
export type RefusedFields = Readonly<Record<number, string>>;

/** Reads one message of the protobuf wire format. Nothing is copied or allocated beyond what the bytes hold. */
export class ProtobufReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly budget: ReadingBudget;
  private position = 0;
  private wire = 0;
  readonly where: string;

  constructor(bytes: Uint8Array, budget: ReadingBudget, where: string) {
    budget.takeMessage(where);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.budget = budget;
    this.where = where;
  }

  malformed(problem: string): OnnxMalformed {
    return new OnnxMalformed(this.where, problem);
  }

  /** The number of the next field, or 0 at the end. */
  nextField(): number {
    if (this.position === this.bytes.length) return 0;
    const tag = this.readVarint();
    this.wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (tag < 8 || field > 536870911) throw this.malformed(`field number ${field} is not allowed`);
    return field;
  }

  /** For a field that is not read: refuses it. Unknown fields are never skipped, since a reader that knows them would see another model. */
  refuse(field: number, refused: RefusedFields = {}): never {
    const reason = refused[field];
    if (reason !== undefined) throw new OnnxFeatureRefused(this.where, reason);
    throw this.malformed(`unknown field ${field}`);
  }

  private expect(wire: number): void {
    if (this.wire !== wire) throw this.malformed(`wire type ${this.wire} where ${wire} belongs`);
  }

  /** A 64-bit varint as a signed number; beyond safe integers it is malformed. */
  private readVarint(): number {
    let low = 0;
    let shift = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[this.position];
      if (byte === undefined) throw this.malformed('ends within a number');
      this.position += 1;
      if (i === 7) return this.readLongVarint(low, byte);
      low += (byte & 127) * shift;
      shift *= 128;
      if (byte < 128) return low;
    }
    throw this.malformed('number of more than ten bytes');
  }

  /** The rest of a varint after seven bytes (49 bits), of which `byte` is the eighth. */
  private readLongVarint(low: number, byte: number): number {
    let value = BigInt(low) | (BigInt(byte & 127) << 49n);
    let last = byte;
    for (let i = 8; last >= 128; i++) {
      const next = this.bytes[this.position];
      if (next === undefined) throw this.malformed('ends within a number');
      if (i === 10) throw this.malformed('number of more than ten bytes');
      this.position += 1;
      value |= BigInt(next & 127) << BigInt(7 * i);
      last = next;
    }
    const signed = Number(BigInt.asIntN(64, value));
    if (!Number.isSafeInteger(signed)) throw this.malformed('integer beyond 2^53');
    return signed;
  }

  varint(): number {
    this.expect(WIRE_VARINT);
    return this.readVarint();
  }

  float(): number {
    this.expect(WIRE_32);
    if (this.position + 4 > this.bytes.length) throw this.malformed('ends within a float');
    const value = this.view.getFloat32(this.position, true);
    this.position += 4;
    return value;
  }

  /** A view on the bytes of a length-delimited field. */
  raw(): Uint8Array {
    this.expect(WIRE_BYTES);
    const length = this.readVarint();
    if (length < 0 || length > this.bytes.length - this.position) {
      throw this.malformed(`length ${length} runs past the end`);
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  string(): string {
    const bytes = this.raw();
    this.budget.takeElements(STRING_COST, this.where);
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.malformed('text that is not UTF-8');
    }
  }

  message<T>(where: string, read: (reader: ProtobufReader) => T): T {
    return read(new ProtobufReader(this.raw(), this.budget, `${this.where}${this.where === '' ? '' : '.'}${where}`));
  }

  /** Appends a repeated float, packed or not. */
  floats(into: number[]): void {
    if (this.wire === WIRE_32) {
      this.budget.takeElements(1, this.where);
      into.push(this.float());
      return;
    }
    const bytes = this.raw();
    if (bytes.length % 4 !== 0) throw this.malformed('packed floats of a length that is not a multiple of 4');
    this.budget.takeElements(bytes.length / 4, this.where);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) into.push(view.getFloat32(at, true));
  }

  /** Appends a repeated integer, packed or not. */
  varints(into: number[]): void {
    if (this.wire === WIRE_VARINT) {
      this.budget.takeElements(1, this.where);
      into.push(this.readVarint());
      return;
    }
    if (this.wire === WIRE_64) throw this.malformed('fixed 64-bit numbers where varints belong');
    const length = this.raw().length;
    const end = this.position;
    this.position -= length;
    while (this.position < end) {
      this.budget.takeElements(1, this.where);
      into.push(this.readVarint());
    }
    if (this.position !== end) throw this.malformed('a packed number runs past its field');
  }
}
