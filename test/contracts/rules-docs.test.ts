import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules, scoring } from '../../shared/contracts/qualification.ts';
import { ruleReasons, stageReasons } from '../../shared/domain/qualification/reasons.ts';
import { checkersByKind } from '../../shared/domain/qualification/run-check.ts';

const text = readFileSync('docs/rules.md', 'utf8');

describe('docs/rules.md', () => {
  it('names every kind of rule and every reason', () => {
    const names = [...Object.keys(checkersByKind), ...Object.keys(ruleReasons), ...Object.keys(stageReasons)];
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('gives examples that are taken', () => {
    const blocks = [...text.matchAll(/```json\n([^`]*)```/g)].map(([, block = '']) => block);
    const examples = blocks.flatMap((block) => block.trim().split(/\n(?=\{)/)).map((example) => JSON.parse(example));
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) {
      if ('scoring' in example) scoring.parse(example.scoring);
      else rules.parse([example]);
    }
    const request = /-d '(\{.*?\})'\n```/s.exec(text)?.[1] ?? '';
    rules.parse(JSON.parse(request).rules);
  });
});
