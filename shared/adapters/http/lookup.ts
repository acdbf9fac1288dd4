import { lookup as lookUpByThread } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { Reach } from '../../domain/deliveries/address.ts';

/** A name server is waited for so long, then twice and four times as long: who does not answer at all is given up after seven seconds. */
const FIRST_TRY_MS = 1000;
const TRIES = 3;
/** No name server knows it, or there is none. */
const NOT_FOUND = ['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'];
const LOCALHOST = /^(?:.+\.)?localhost\.?$/;
const LOOPBACK = '127.0.0.1';

export interface LookupOptions extends Reach {
  /** By default one that asks the name servers of the system. */
  readonly makeResolver?: () => Pick<Resolver, 'resolve4'>;
}

/**
 * Resolves names to IPv4 addresses by asking name servers. The system's own way works in four threads, for all names of the process, and
 * cannot be stopped: a few names whose servers say nothing would keep everybody else waiting. It alone knows the hosts file, which is looked
 * at where private destinations are allowed, and for names that name servers do not know.
 */
export function createLookup({ privateDestinations, makeResolver = systemResolver }: LookupOptions): LookupFunction {
  return (hostname, options, callback) => {
    const found = (addresses: readonly string[]): void => {
      if (options.all === true) {
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        );
      } else callback(null, addresses[0] ?? '', 4);
    };
    if (LOCALHOST.test(hostname)) return process.nextTick(found, [LOOPBACK]);
    makeResolver()
      .resolve4(hostname)
      .then(found, (error: NodeJS.ErrnoException) => {
        if (privateDestinations && NOT_FOUND.includes(error.code ?? '')) lookUpByThread(hostname, options, callback);
        else callback(error, '', 4);
      });
  };
}

const systemResolver = () => new Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
