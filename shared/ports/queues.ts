/** A queue of messages of one kind. `send` resolves once the message is durable; throws where it is not. */
export interface Queue<Message> {
  send(message: Message, options?: { readonly delaySeconds?: number }): Promise<void>;
  /** Sends many; throws unless all were taken. A message may then have been sent all the same: consumers see repeats. */
  sendAll(messages: readonly Message[]): Promise<void>;
}
