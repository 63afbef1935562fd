import { type Spread, spreadOf } from './statistics.ts';

/** A row of the results: contenders that do the same work, measured in turn. */

/** One number that a measurement gives. */
export type Figure = { name: string; label: string; unit: string; better: 'more' | 'less' };
export type Sample = Record<string, number>;

export type Contender = {
  name: string;
  side: 'us' | 'peer';
  /** Measures for a while. Throws when an answer was wrong. */
  measure(seconds: number): Promise<Sample>;
};

export type Row = {
  name: string;
  title: string;
  figures: Figure[];
  contenders: Contender[];
  /** Most rounds, where more would say the same. */
  rounds_max?: number;
};

/** The ratio of one of us to a peer, from measurements of the same round. */
export type Ratio = { us: string; peer: string } & Spread;

export type FigureResult = Figure & { values: Record<string, Spread>; ratios: Ratio[] };
export type RowResult = {
  name: string;
  title: string;
  contenders: string[];
  figures: FigureResult[];
  /** Every measurement, by contender. */
  rounds: Record<string, Sample[]>;
};

type Pace = { rounds: number; seconds: number };

const WARM_UP_SECONDS = 1.5;

/** Measures every contender of a row in turn, `rounds` times. */
export async function measureRow(row: Row, pace: Pace, say: (line: string) => void): Promise<RowResult> {
  const { seconds } = pace;
  const rounds = Math.min(pace.rounds, row.rounds_max ?? pace.rounds);
  const samples: Record<string, Sample[]> = {};
  for (const contender of row.contenders) {
    samples[contender.name] = [];
    await contender.measure(Math.min(seconds, WARM_UP_SECONDS));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const contender of row.contenders) {
      const sample = await contender.measure(seconds);
      samples[contender.name]?.push(sample);
      say(`${row.name} ${round}/${rounds} ${contender.name}: ${describe(row.figures, sample)}`);
    }
  }
  return {
    name: row.name,
    title: row.title,
    contenders: row.contenders.map(({ name }) => name),
    figures: row.figures.map((figure) => summarize(figure, row.contenders, samples)),
    rounds: samples,
  };
}

const describe = (figures: Figure[], sample: Sample): string =>
  figures
    .map(({ name, label, unit }) => `${label} ${Number((sample[name] ?? 0).toPrecision(4))} ${unit}`)
    .join(', ');

function summarize(figure: Figure, contenders: Contender[], samples: Record<string, Sample[]>): FigureResult {
  const valuesOf = ({ name }: Contender) =>
    (samples[name] ?? []).map((sample) => sample[figure.name] ?? Number.NaN);
  const isMeasured = (contender: Contender) => !valuesOf(contender).some(Number.isNaN);
  const measured = contenders.filter(isMeasured);
  const peers = measured.filter(({ side }) => side === 'peer');
  const ratios = measured
    .filter(({ side }) => side === 'us')
    .flatMap((us) =>
      peers.map((peer) => {
        const theirs = valuesOf(peer);
        const ratio = valuesOf(us).map((value, round) => value / (theirs[round] ?? Number.NaN));
        return { us: us.name, peer: peer.name, ...spreadOf(ratio) };
      }),
    );
  const values = Object.fromEntries(
    measured.map((contender) => [contender.name, spreadOf(valuesOf(contender))]),
  );
  return { ...figure, values, ratios };
}
