import type * as z from 'zod';
import { destinationTest, testedDestination } from '../../shared/contracts/destinations.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { ReceiptKeys } from '../../shared/ports/crypto.ts';
import type { KeptDestination } from '../../shared/ports/destinations.ts';
import type { OutgoingResponse, SendRequest } from '../../shared/ports/outgoing-http.ts';
import { checkRate } from '../../shared/runtime/check-rate.ts';
import { type HttpHandler, json, jsonBody } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { createRenderEvent } from '../../shared/use-cases/render-delivery.ts';
import { sampleCatalog, sampleContact, sampleEvent } from '../../shared/use-cases/sample-event.ts';
import { isSuccess } from '../../shared/use-cases/send-deliveries/answers.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';
import { findOwn } from './own-destination.ts';

export interface SampleDependencies {
  readonly send: SendRequest;
  readonly receiptKeys: () => Promise<ReceiptKeys>;
  readonly makeId: MakeId;
}

/** Samples that a destination may be sent. */
const TESTS_A_MINUTE = 10;
/** API Gateway waits 30 s; whoever tries something out waits less gladly. */
const PATIENCE_MS = 10_000;
const SHOWN_ANSWER_BYTES = 1000;
const USUAL_LEAD_EVENT = 'lead';

/** Samples: what a destination is sent, and says to it. */
export function testDestinationHandlers(dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> {
  const { velocity, clock } = dependencies;
  const testDestination = createTestDestination(dependencies);
  return {
    'POST /v1/destinations/{destinationId}/test': async (event) => {
      const kept = await findOwn(dependencies, event);
      const asked = event.body === undefined ? {} : jsonBody(event, destinationTest);
      // Whom it leads to need not have asked for any.
      const group = `destination-test#${kept.destination.destinationId}`;
      await checkRate(
        velocity,
        group,
        TESTS_A_MINUTE,
        clock(),
        `A destination is sent ${TESTS_A_MINUTE} samples a minute at most.`,
      );
      return json(200, await testDestination(kept, asked, clock()));
    },
  };
}

/**
 * Tells a destination of something made up, at once and once, and what it says. Its `campaigns` and `leadEvents` rule nothing out; a
 * paused or disabled one is told too, as that is how one sees whether it is well. Throws 400 for an event that its owner is not told of.
 */
function createTestDestination({ send, receiptKeys, makeId }: SampleDependencies) {
  const render = createRenderEvent({ catalog: sampleCatalog, contactOf: async () => sampleContact, receiptKeys });
  return async (
    kept: KeptDestination,
    asked: z.output<typeof destinationTest>,
    now: Instant,
  ): Promise<z.output<typeof testedDestination>> => {
    const { destination } = kept;
    const type = asked.event ?? destination.events[0];
    if (type === undefined || !destination.events.includes(type)) {
      throw invalidField('event', `must be one that it is told of: ${destination.events.join(', ')}`);
    }
    const sample = {
      type,
      leadEvent: asked.leadEvent ?? destination.leadEvents?.[0] ?? USUAL_LEAD_EVENT,
    };
    const request = await render(kept, sampleEvent(sample, destination, now, makeId('evt')), now);
    const response = await send(request, { timeoutMs: PATIENCE_MS, maxBodyBytes: SHOWN_ANSWER_BYTES });
    return testedDestination.parse({
      request: { ...request, body: request.body ?? null },
      ...viewResponse(response),
      tookMs: response.tookMs,
    });
  };
}

function viewResponse(response: OutgoingResponse) {
  if (response.kind !== 'answered') {
    return { result: response.kind, status: null, answer: null, reason: response.reason };
  }
  const { status, body } = response;
  return {
    result: isSuccess(response) ? 'delivered' : 'failed',
    status,
    // What is cut within a character, or was no text, is shown as well as it can be.
    answer: new TextDecoder().decode(body),
    reason: null,
  };
}
