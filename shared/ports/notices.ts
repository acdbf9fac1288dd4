/** Tells people something by mail. Throws StoreUnavailable where it was not taken; told twice where the answer was lost. */
export interface Notices {
  send(subject: string, text: string): Promise<void>;
}
