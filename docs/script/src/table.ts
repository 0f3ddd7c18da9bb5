// A list of objects as the page has it: each set of keys is there once.

export interface Table {
    readonly keys: readonly (readonly string[])[];
    /** For each object the position of its keys in `keys`, and then its values in their order. */
    readonly rows: readonly (readonly [number, ...unknown[]])[];
}

/** The objects of a table. `crates/book-sections/src/table.rs` writes it. */
export function objects({ keys, rows }: Table): object[] {
    return rows.map(([position, ...values]) => {
        return Object.fromEntries((keys[position] ?? []).map((key, index) => [key, values[index]]));
    });
}
