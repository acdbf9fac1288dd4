import type { Scheduler } from './scheduler.ts';

/** Thrown at whoever waits for an instance that is gone. */
export class InstanceGone extends Error {
  override readonly name = 'InstanceGone';
}

/** One running copy of a function, with what it keeps in memory. When it dies, nothing that it had begun goes on. */
export class Instance {
  alive = true;
  readonly name: string;
  private readonly scheduler: Scheduler;
  private readonly waiting = new Set<(gone: InstanceGone) => void>();

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.scheduler = scheduler;
  }

  die(): void {
    this.alive = false;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const fail of waiting) fail(new InstanceGone(`${this.name} is gone`));
  }

  /** Runs an invocation; rejects with InstanceGone where the instance dies on the way or takes longer than it may. */
  invoke<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const timeout = this.scheduler.after(timeoutMs, () => this.die());
      const fail = (gone: InstanceGone): void => {
        timeout.off = true;
        reject(gone);
      };
      const end = (): void => {
        timeout.off = true;
        this.waiting.delete(fail);
      };
      this.waiting.add(fail);
      work().then(
        (result) => {
          end();
          resolve(result);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** Waits; for ever where the instance dies meanwhile. */
  readonly sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => this.startTimer(milliseconds, resolve));

  readonly startTimer = (milliseconds: number, run: () => void): (() => void) => {
    const event = this.scheduler.after(milliseconds, () => {
      if (this.alive) run();
    });
    return () => {
      event.off = true;
    };
  };
}
