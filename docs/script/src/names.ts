// The names by which the page tells lanes apart.

/** The name of the code outside of all lanes. */
export const OUTSIDE = 'main';

/**
 * The names of the tasks of a twin, in the order in which they are made. Several tasks may have the name of
 * one coroutine: equal names get numbers, from `#1`, unlike the numbers that the programs print.
 */
export function numbered(names: readonly string[]): string[] {
    const all = new Map<string, number>();
    for (const name of names) all.set(name, (all.get(name) ?? 0) + 1);
    const before = new Map<string, number>();
    return names.map((name) => {
        if (all.get(name) === 1) return name;
        const number = (before.get(name) ?? 0) + 1;
        before.set(name, number);
        return `${name} #${number}`;
    });
}
