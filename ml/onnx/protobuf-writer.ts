const utf8 = new TextEncoder();

export const WIRE_VARINT = 0;
export const WIRE_64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_32 = 5;

/** Writes the protobuf wire format (protobuf.dev/programming-guides/encoding); integers are safe JavaScript integers. */
export class ProtobufWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(size: number): number {
    const start = this.length;
    this.length += size;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, start));
      this.buffer = larger;
    }
    return start;
  }

  private writeVarint(value: number): void {
    if (value >= 0 && value < 0x80000000) {
      let small = value;
      for (; small > 127; small >>>= 7) this.writeByte((small & 127) | 128);
      this.writeByte(small);
      return;
    }
    // Negative numbers are 64-bit two's complement: ten bytes.
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.writeByte(Number(rest & 127n) | 128);
    this.writeByte(Number(rest));
  }

  private writeByte(byte: number): void {
    const at = this.reserve(1);
    this.buffer[at] = byte;
  }

  private tag(field: number, wire: number): void {
    this.writeVarint(field * 8 + wire);
  }

  varint(field: number, value: number): void {
    this.tag(field, WIRE_VARINT);
    this.writeVarint(value);
  }

  float(field: number, value: number): void {
    this.tag(field, WIRE_32);
    const at = this.reserve(4);
    new DataView(this.buffer.buffer).setFloat32(at, value, true);
  }

  raw(field: number, value: Uint8Array): void {
    this.tag(field, WIRE_BYTES);
    this.writeVarint(value.length);
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
  }

  string(field: number, value: string): void {
    this.raw(field, utf8.encode(value));
  }

  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.raw(field, inner.buffer.subarray(0, inner.length));
  }

  /** Packed, little-endian. */
  floats(field: number, values: Float32Array): void {
    if (values.length === 0) return;
    this.tag(field, WIRE_BYTES);
    this.writeVarint(values.length * 4);
    const at = this.reserve(values.length * 4);
    const view = new DataView(this.buffer.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(at + i * 4, values[i]!, true);
  }

  /** Packed. */
  varints(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    const inner = new ProtobufWriter();
    for (const value of values) inner.writeVarint(value);
    this.raw(field, inner.buffer.subarray(0, inner.length));
  }
}
