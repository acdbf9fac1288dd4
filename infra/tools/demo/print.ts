import Table from 'cli-table3';

/** Legible where colours are not, and a line a row. */
export const PLAIN = { style: { head: [], border: [], compact: true } };

export const say = (line: string): void => console.log(line);

/** Prints rows under the first of them. */
export function printTable(name: string, [heading = [], ...rows]: readonly (readonly string[])[]): void {
  const table = new Table({ ...PLAIN, head: [...heading] });
  table.push(...rows.map((cells) => [...cells]));
  say(`${name}\n${table.toString()}`);
}
