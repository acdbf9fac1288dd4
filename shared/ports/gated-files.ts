/** Files that are opened by a link which ends soon. */
export interface GatedFiles {
  /** A link that opens a file without credentials for some minutes; undefined where there is none by this key. Throws StoreUnavailable. */
  link(key: string): Promise<string | undefined>;
}
