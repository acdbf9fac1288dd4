import { affise } from './affise.ts';
import { binom } from './binom.ts';
import { cake } from './cake.ts';
import type { Dialect } from './dialect.ts';
import { everflow } from './everflow.ts';
import { impact } from './impact.ts';
import { keitaro } from './keitaro.ts';
import type { DialectName } from './names.ts';
import { prosper202 } from './prosper202.ts';
import { redtrack } from './redtrack.ts';
import { tune } from './tune.ts';
import { voluum } from './voluum.ts';

/** Every dialect by its name. */
export const dialects: Readonly<Partial<Record<DialectName, Dialect>>> = {
  affise,
  binom,
  cake,
  everflow,
  impact,
  keitaro,
  prosper202,
  redtrack,
  tune,
  voluum,
};
