import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMerkleTree, type InclusionProof, isIncluded } from '../../../shared/domain/verification/merkle-tree.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';

// The leaves, roots and paths that the authors of RFC 6962 published with their own implementation (merkle_tree_test.cc).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex').toString('latin1'),
);
const ROOTS: readonly string[] = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const PATHS: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const treeOf = (leaves: readonly string[], proven: (index: number) => boolean = () => false) => {
  const tree = createMerkleTree(sha256Hex);
  for (const [index, leaf] of leaves.entries()) tree.add(leaf, proven(index));
  return tree;
};

/** The definition of RFC 6962, section 2.1, word for word: what the tree that grows is held against. */
function definedRoot(leaves: readonly string[]): string {
  if (leaves.length === 0) return sha256Hex.ofText('');
  if (leaves.length === 1) return sha256Hex.ofText(`\u0000${leaves[0]}`);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256Hex.ofHex(`01${definedRoot(leaves.slice(0, split))}${definedRoot(leaves.slice(split))}`);
}

const someLeaves = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 70 });
const leavesAndIndex = someLeaves.chain((leaves) =>
  fc.tuple(fc.constant(leaves), fc.integer({ min: 0, max: leaves.length - 1 })),
);

const proofOf = (leaves: readonly string[], index: number) =>
  treeOf(leaves, (each) => each === index).proofs()[0] as InclusionProof;

describe('the tree of RFC 6962', () => {
  it.each([...ROOTS.entries()])('has the published root over %i leaves', (size, root) => {
    expect(treeOf(LEAVES.slice(0, size)).root()).toBe(root);
  });

  it.each(PATHS)('has the published path of leaf %i of %i', (index, size, path) => {
    const leaves = LEAVES.slice(0, size);
    expect(proofOf(leaves, index)).toEqual({ index, size, path });
    expect(isIncluded(sha256Hex, leaves[index] ?? '', { index, size, path }, ROOTS[size] ?? '')).toBe(true);
  });

  it('has the root of the definition, however many leaves there are', () => {
    fc.assert(
      fc.property(someLeaves, (leaves) => {
        expect(treeOf(leaves).root()).toBe(definedRoot(leaves));
      }),
    );
  });

  it('tells its root at any moment and grows on', () => {
    const tree = createMerkleTree(sha256Hex);
    for (const [size, root] of ROOTS.entries()) {
      expect(tree.root()).toBe(root);
      tree.add(LEAVES[size] ?? '');
    }
  });

  it('proves every leaf that asked for it, in order', () => {
    fc.assert(
      fc.property(someLeaves, (leaves) => {
        const tree = treeOf(leaves, (index) => index % 3 === 0);
        const proofs = tree.proofs();
        expect(proofs.map(({ index }) => index)).toEqual([...leaves.keys()].filter((index) => index % 3 === 0));
        for (const proof of proofs) {
          expect(isIncluded(sha256Hex, leaves[proof.index] ?? '', proof, tree.root())).toBe(true);
        }
      }),
    );
  });
});

describe('a proof of inclusion', () => {
  it('holds for no other leaf, root or place', () => {
    fc.assert(
      fc.property(leavesAndIndex, fc.string(), ([leaves, index], other) => {
        const leaf = leaves[index] ?? '';
        const proof = proofOf(leaves, index);
        const root = treeOf(leaves).root();
        expect(isIncluded(sha256Hex, other, proof, root)).toBe(other === leaf);
        expect(isIncluded(sha256Hex, leaf, proof, treeOf([...leaves, other]).root())).toBe(false);
        const moved = { ...proof, index: (index + 1) % leaves.length };
        expect(isIncluded(sha256Hex, leaf, moved, root)).toBe(leaves.length === 1);
      }),
    );
  });

  it('holds with no hash added, left out or altered', () => {
    fc.assert(
      fc.property(leavesAndIndex, fc.nat(), ([leaves, index], at) => {
        const leaf = leaves[index] ?? '';
        const proof = proofOf(leaves, index);
        const root = treeOf(leaves).root();
        const { path } = proof;
        const position = at % (path.length + 1);
        const holds = (altered: readonly string[]) => isIncluded(sha256Hex, leaf, { ...proof, path: altered }, root);
        expect(holds(path.toSpliced(position, 0, root))).toBe(false);
        if (position < path.length) {
          expect(holds(path.toSpliced(position, 1))).toBe(false);
          expect(holds(path.with(position, sha256Hex.ofText(path[position] ?? '')))).toBe(false);
        }
      }),
    );
  });

  it.each([
    ['a place before the first', { index: -1, size: 1 }],
    ['a place behind the last', { index: 1, size: 1 }],
    ['a tree without leaves', { index: 0, size: 0 }],
    ['a place between two', { index: 0.5, size: 1 }],
    ['a size that is no number', { index: 0, size: Number.NaN }],
  ])('does not hold for %s', (_what, place) => {
    expect(isIncluded(sha256Hex, '', { ...place, path: [] }, ROOTS[1] ?? '')).toBe(false);
  });
});
