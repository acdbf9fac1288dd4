import type { Told } from '../../shared/dialects/dialect.ts';
import type { ENDPOINTS } from './network.ts';
import type { Answered } from './sender.ts';
import type { World } from './world.ts';

/** What a sender tells of an order. */
export interface Tale {
  readonly endpoint: (typeof ENDPOINTS)[number];
  readonly campaignId: string;
  readonly transactionId: string;
  readonly told: readonly Told[];
}

/** One sending of a message to an endpoint, and what came back. */
export interface Telling extends Tale {
  readonly sentAt: string;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** One for each thing told; undefined where the message was not acknowledged. */
  readonly results: readonly Answered[] | undefined;
}

const MAX_TRIES = 4;
const TRY_AGAIN_MS = 2_000;

/** Everything that senders told endpoints in a run, and what they were answered. */
export class Tellings {
  readonly all: Telling[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Sends a message, again while no answer comes or it is one that asks for it. */
  async tell(tale: Tale, instance: number): Promise<void> {
    const { scheduler } = this.world;
    const { endpointId, token } = tale.endpoint;
    const request = { route: 'POST /e/{endpointId}', path: { endpointId }, key: token, json: tale.told };
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const [sentAt, sentMs] = [scheduler.clock(), scheduler.elapsedMs];
      const { status, body } = await this.world.call('receive-message', request, (instance + attempt) % 2);
      const results = status === 200 ? (body.results as readonly Answered[]) : undefined;
      this.all.push({ ...tale, sentAt, sentMs, answeredMs: scheduler.elapsedMs, results });
      if (results !== undefined) return;
      await scheduler.sleep(TRY_AGAIN_MS * attempt);
    }
  }

  /** Leads that answers have named. */
  leadIds(): string[] {
    return this.all.flatMap(({ results = [] }) => results.flatMap(({ leadId }) => leadId ?? []));
  }
}
