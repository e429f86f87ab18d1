import { type Cell, numberOf } from './cell.ts';

/** Tables of one set: each grows by itself, so that growing needs little memory beside what is held. */
const PARTITION_BITS = 8;
const PARTITIONS = 1 << PARTITION_BITS;
const FIRST_SLOTS = 16;
const FULLEST = 0.8;
const GROWTH = 1.4;

/**
 * Which row keys were seen before, by a 64-bit hash of each: 10 to 14 bytes a key, 116 MB at 10 million.
 *
 * A key that was seen is always found. Two different keys are taken for one when their hashes agree: by chance with a
 * probability below n² / 2^65, which is 3 in a million for 10 million rows. So the error is on the side of rejecting, and a
 * false duplicate cannot let a true one through. The hash is not cryptographic: who can choose keys that collide can get only
 * their own upload rejected.
 */
export class RowKeys {
  private readonly partitions: HashSet64[] = Array.from({ length: PARTITIONS }, () => new HashSet64());
  private high = 0;
  private low = 0;

  /** Starts a key. */
  begin(): void {
    this.high = 0x9e3779b9;
    this.low = 0x85ebca6b;
  }

  /** Adds a cell to the key: a number by its value, everything else by its text. Length first, so that `a|bc` is not `ab|c`. */
  add(cell: Exclude<Cell, null>, isNumber: boolean): void {
    const value = isNumber ? numberOf(cell) : undefined;
    if (value !== undefined) {
      numberView[0] = value === 0 ? 0 : value;
      this.mix(numberWords[0]!);
      this.mix(numberWords[1]!);
      return;
    }
    const text = cell instanceof Date ? String(cell.getTime()) : String(cell);
    this.mix(text.length);
    for (let index = 0; index < text.length; index++) this.mix(text.charCodeAt(index));
  }

  /** Ends the key: true when it is new, false when it was seen before. */
  end(): boolean {
    const high = avalanche(this.high ^ (this.low >>> 7));
    const low = avalanche(this.low ^ Math.imul(high, 0xc2b2ae35));
    return this.partitions[high >>> (32 - PARTITION_BITS)]!.add(high, low);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  }

  /** Two multiply-xorshift lanes, each a bijection of its state for a given word. */
  private mix(word: number): void {
    const high = Math.imul(this.high ^ word, 0x9e3779b1);
    const low = Math.imul(this.low ^ word, 0x85ebca77);
    this.high = high ^ (high >>> 15) ^ (high << 11);
    this.low = (low ^ (low >>> 13)) + 0x7f4a7c15;
  }
}

const numberView = new Float64Array(1);
const numberWords = new Uint32Array(numberView.buffer);

/** The finalizer of MurmurHash3 (Austin Appleby, public domain). */
function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Open addressing with linear probing over pairs of words. A pair of zeros marks an empty slot. */
class HashSet64 {
  private slots: Uint32Array<ArrayBuffer> = new Uint32Array(2 * FIRST_SLOTS);
  private size = 0;

  get bytes(): number {
    return this.slots.byteLength;
  }

  add(high: number, low: number): boolean {
    // Its own slot value would read as empty.
    const first = high === 0 && low === 0 ? 1 : high;
    if (!insert(this.slots, first, low)) return false;
    this.size += 1;
    if (this.size > (this.slots.length / 2) * FULLEST) this.grow();
    return true;
  }

  private grow(): void {
    const larger = new Uint32Array(2 * Math.ceil((this.slots.length / 2) * GROWTH));
    for (let at = 0; at < this.slots.length; at += 2) {
      const high = this.slots[at]!;
      const low = this.slots[at + 1]!;
      if (high !== 0 || low !== 0) insert(larger, high, low);
    }
    // Frees the old slots now: the collector does not hurry for memory outside its heap, and they would double what is held.
    this.slots.buffer.transfer(0);
    this.slots = larger;
  }
}

function insert(slots: Uint32Array, high: number, low: number): boolean {
  const count = slots.length / 2;
  // The low word spreads over the slots, since the high one chose the partition.
  let slot = Math.floor((low / 4_294_967_296) * count);
  for (;;) {
    const at = 2 * slot;
    if (slots[at] === 0 && slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (slots[at] === high && slots[at + 1] === low) return false;
    slot = slot + 1 === count ? 0 : slot + 1;
  }
}
