/** SHA-256 as lower-case hex. */
export interface Sha256 {
  /** Of a text in UTF-8. */
  ofText(text: string): string;
  /** Of the bytes that are written as hex. */
  ofHex(hex: string): string;
}

/** Shows that a tree of `size` leaves holds a certain one: the hashes beside its way up to the root, from below. */
export interface InclusionProof {
  /** Where the leaf stands, from 0. */
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
}

/** The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf: any number of leaves needs the room of one hash a level. */
export interface MerkleTree {
  /** Adds a leaf on the right. `proven`: the way up from it is kept. */
  add(leaf: string, proven?: boolean): void;
  /** The root over the leaves so far, as hex. */
  root(): string;
  /** A proof for each leaf that asked for it, in the order of leaves. */
  proofs(): InclusionProof[];
}

interface Way {
  readonly index: number;
  readonly path: readonly string[];
}

/** A complete subtree, with the ways up to it. */
interface Subtree {
  readonly size: number;
  readonly hash: string;
  readonly ways: readonly Way[];
}

// The prefixes keep a node from passing as a leaf.
const hashLeaf = (sha256: Sha256, leaf: string): string => sha256.ofText(`\u0000${leaf}`);
const hashNode = (sha256: Sha256, left: string, right: string): string => sha256.ofHex(`01${left}${right}`);

const NO_WAYS: readonly Way[] = [];

/** Starts a tree without leaves. */
export function createMerkleTree(sha256: Sha256): MerkleTree {
  const subtrees: Subtree[] = [];
  let size = 0;

  const join = (left: Subtree, right: Subtree): Subtree => ({
    size: left.size + right.size,
    hash: hashNode(sha256, left.hash, right.hash),
    ways: joinWays(left, right),
  });
  const top = (): Subtree | undefined =>
    subtrees.length === 0 ? undefined : subtrees.reduceRight((right, left) => join(left, right));

  return {
    add(leaf, proven = false) {
      let last: Subtree = {
        size: 1,
        hash: hashLeaf(sha256, leaf),
        ways: proven ? [{ index: size, path: [] }] : NO_WAYS,
      };
      size += 1;
      for (let before = subtrees.at(-1); before?.size === last.size; before = subtrees.at(-1)) {
        last = join(before, last);
        subtrees.pop();
      }
      subtrees.push(last);
    },
    root: () => top()?.hash ?? sha256.ofText(''),
    proofs: () => (top()?.ways ?? []).map((way) => ({ ...way, size })),
  };
}

function joinWays(left: Subtree, right: Subtree): readonly Way[] {
  if (left.ways.length === 0 && right.ways.length === 0) return NO_WAYS;
  return [...left.ways.map((way) => beside(way, right.hash)), ...right.ways.map((way) => beside(way, left.hash))];
}

const beside = ({ index, path }: Way, hash: string): Way => ({ index, path: [...path, hash] });

/** Whether a proof leads from a leaf to a root. */
export function isIncluded(sha256: Sha256, leaf: string, { index, size, path }: InclusionProof, root: string): boolean {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  return rootFrom(sha256, hashLeaf(sha256, leaf), index, size, path) === root;
}

/** The root that a path leads to; undefined where it has another length than the tree's shape asks for. */
function rootFrom(
  sha256: Sha256,
  hash: string,
  index: number,
  size: number,
  path: readonly string[],
): string | undefined {
  const sibling = path.at(-1);
  if (size === 1 || sibling === undefined) return size === 1 && sibling === undefined ? hash : undefined;
  const leftSize = largestPowerBelow(size);
  const isLeft = index < leftSize;
  const below = isLeft
    ? rootFrom(sha256, hash, index, leftSize, path.slice(0, -1))
    : rootFrom(sha256, hash, index - leftSize, size - leftSize, path.slice(0, -1));
  if (below === undefined) return undefined;
  return isLeft ? hashNode(sha256, below, sibling) : hashNode(sha256, sibling, below);
}

/** The largest power of two that is smaller than `size`, which is at least 2. */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
