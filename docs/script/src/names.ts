// The names by which the page tells lanes apart.

/** The name of the code outside of all lanes. */
export const OUTSIDE = 'main';

/**
 * The names of the tasks of a twin, in the order in which they are made. Several tasks may have the name of
 * one coroutine: equal names get numbers, from `#1`, unlike the numbers that the programs print.
 */
export function numbered(names: readonly string[]): string[] {
    const count = (name: string, among: readonly string[]) => among.filter((other) => other === name).length;
    return names.map((name, index) => {
        return count(name, names) === 1 ? name : `${name} #${count(name, names.slice(0, index + 1))}`;
    });
}
