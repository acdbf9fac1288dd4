/** The rows of jobs, in chunks, kept until they are worked off. */
export interface ChunkFiles<Row> {
  putChunk(jobId: string, chunk: number, rows: readonly Row[]): Promise<void>;
  /** Throws where the chunk is not there. */
  readChunk(jobId: string, chunk: number): Promise<readonly Row[]>;
}
