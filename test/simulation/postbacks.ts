import type { Answer } from './http.ts';
import type { Key } from './network.ts';
import type { World } from './world.ts';

/** A postback as its sender means it: sent until it is answered, and perhaps again. */
export interface Postback {
  readonly key: Key;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly campaignId: string;
  readonly transactionId: string;
}

/** One sending of a postback, and what came back. */
export interface Sending extends Postback {
  readonly sentAt: string;
  readonly answer: Answer;
}

const MAX_TRIES = 4;
const TRY_AGAIN_MS = 2_000;

/** Everything that senders sent in a run, and what they were told. */
export class Postbacks {
  readonly sendings: Sending[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Sends a postback, again while no answer comes or it is one that asks for it. */
  async send(postback: Postback, instance: number): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const sentAt = this.world.scheduler.clock();
      const { key, query } = postback;
      const request = { route: 'GET /postback', query: { key: key.key, ...query } };
      const answer = await this.world.call('ingest-postback', request, instance);
      this.sendings.push({ ...postback, sentAt, answer });
      if ((answer.status !== 0 && answer.status < 500) || attempt === MAX_TRIES) return answer;
      await this.world.scheduler.sleep(TRY_AGAIN_MS * attempt);
    }
  }

  /** Leads that answers have named, each once, in the order of the answers. */
  leadIds(): string[] {
    const named = this.sendings.flatMap(({ answer }) =>
      typeof answer.body?.leadId === 'string' ? [answer.body.leadId as string] : [],
    );
    return [...new Set(named)];
  }
}
