import type { Around } from './functions/around.ts';
import { FUNCTIONS, type FunctionName, type FunctionOf } from './functions/functions.ts';
import { Instance } from './instance.ts';
import type { Machine } from './machine.ts';

interface Running {
  readonly instance: Instance;
  readonly handler: unknown;
}

/** The instances of all functions: started when they are first needed, and anew when they are gone. */
export class Fleet {
  private readonly machine: Machine;
  private readonly aroundOf: (instance: Instance) => Around;
  private readonly running = new Map<string, Running>();
  private started = 0;

  constructor(machine: Machine, aroundOf: (instance: Instance) => Around) {
    this.machine = machine;
    this.aroundOf = aroundOf;
  }

  /** Has an instance of a function do something. Rejects with InstanceGone where it dies, or takes longer than it may. */
  invoke<Name extends FunctionName, Result>(
    name: Name,
    number: number,
    timeoutMs: number,
    work: (handler: FunctionOf<Name>) => Promise<Result>,
  ): Promise<Result> {
    const { instance, handler } = this.runningOf(name, number);
    return instance.invoke(timeoutMs, () => work(handler as FunctionOf<Name>));
  }

  private runningOf(name: FunctionName, number: number): Running {
    const place = `${name}/${number}`;
    const found = this.running.get(place);
    const fault = this.machine.faults.at('invoke');
    if (found?.instance.alive === true && fault === undefined) return found;
    this.started += 1;
    const instance = new Instance(`${place}.${this.started}`, this.machine.scheduler);
    const running = { instance, handler: FUNCTIONS[name](this.aroundOf(instance)) };
    this.running.set(place, running);
    return running;
  }
}
