/** What is counted and summed. `confirmed` leaves out what was reversed; the sums, in minor units, are of confirmed leads alone. */
export const FIGURE_NAMES = [
  'impressions',
  'clicks',
  'leads',
  'confirmed',
  'pending',
  'rejected',
  'reversed',
  'chargeMinor',
  'commissionMinor',
] as const;

export type FigureName = (typeof FIGURE_NAMES)[number];
export type Figures = Readonly<Record<FigureName, bigint>>;

const each = (figureOf: (name: FigureName) => bigint): Figures => ({
  impressions: figureOf('impressions'),
  clicks: figureOf('clicks'),
  leads: figureOf('leads'),
  confirmed: figureOf('confirmed'),
  pending: figureOf('pending'),
  rejected: figureOf('rejected'),
  reversed: figureOf('reversed'),
  chargeMinor: figureOf('chargeMinor'),
  commissionMinor: figureOf('commissionMinor'),
});

/** Figures of which only some are given; the others are 0n. */
export const figures = (given: Partial<Figures>): Figures => each((name) => given[name] ?? 0n);

export const NO_FIGURES: Figures = figures({});

export const addFigures = (left: Figures, right: Figures): Figures => each((name) => left[name] + right[name]);

export const subtractFigures = (left: Figures, right: Figures): Figures => each((name) => left[name] - right[name]);

export const sameFigures = (left: Figures, right: Figures): boolean =>
  FIGURE_NAMES.every((name) => left[name] === right[name]);

export const isNothing = (given: Figures): boolean => sameFigures(given, NO_FIGURES);
