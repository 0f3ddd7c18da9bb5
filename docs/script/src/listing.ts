// Which row of a listing on the page shows a line of a source file.

import type { Spot } from './states.ts';

/**
 * Reads `data-lines`, such as `12-20 22-30 0 40`: for each row of the listing the line of its file, or 0
 * if the row is from no file.
 */
export function lineNumbers(text: string): number[] {
    return text
        .split(' ')
        .filter((range) => range !== '')
        .flatMap((range) => {
            const [from = 0, to = from] = range.split('-').map(Number);
            return Array.from({ length: to - from + 1 }, (_, index) => from + index);
        });
}

/** A mark of one lane on a line of a file. */
export interface Mark {
    readonly file: string;
    readonly line: number;
    readonly name: string;
    /** None for the code outside of all lanes. */
    readonly hue: number | undefined;
    readonly relation: Spot['relation'];
    /** Whether the lane did what the cursor shows. */
    readonly isCurrent: boolean;
}

/** All marks on one row. */
export interface MarkedRow {
    readonly row: number;
    readonly marks: readonly Mark[];
}

/** The rows of a listing of `file` that have marks. */
export function markedRows(file: string, lines: readonly number[], marks: readonly Mark[]): MarkedRow[] {
    const rows = lines.map((line, row) => {
        const here = marks.filter((mark) => mark.file === file && mark.line === line);
        return { row, marks: here };
    });
    return rows.filter((row) => row.marks.length > 0);
}

/** More letters than this do not fit beside most lines. */
const MAX_LETTERS = 21;

export interface Label {
    readonly text: string;
    readonly hue: number | undefined;
}

/** The labels of a row: lanes of the same name are counted, and so are those for which there is no room. */
export function labels(marks: readonly Mark[]): Label[] {
    const kinds = new Map<string, Label & { count: number }>();
    // What the cursor shows comes first.
    for (const { name, hue } of [...marks].sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent))) {
        const known = kinds.get(name);
        kinds.set(name, { text: name, hue: known ? known.hue : hue, count: (known?.count ?? 0) + 1 });
    }
    const counted = [...kinds.values()].map(({ text, hue, count }) => ({ text: count > 1 ? `${text} ×${count}` : text, hue }));
    const all = numbered(counted);
    let letters = 0;
    const room = all.filter(({ text }) => (letters += text.length) <= MAX_LETTERS).length;
    const shown = Math.max(room, 1);
    if (shown >= all.length) return all;
    return [...all.slice(0, shown), { text: `+${all.length - shown}`, hue: undefined }];
}

/** From three labels on that differ in the number at their end only, and that by one, there is one instead. */
function numbered(labels: readonly Label[]): Label[] {
    const joined: { prefix: string; first: number; last: number; labels: Label[] }[] = [];
    for (const label of labels) {
        const [, prefix = label.text, digits = ''] = /^(.*?)(\d+)$/.exec(label.text) ?? [];
        const [number, before] = [Number(digits), joined.at(-1)];
        if (before?.prefix === prefix && before.last + 1 === number) {
            before.last = number;
            before.labels.push(label);
        } else {
            joined.push({ prefix, first: number, last: number, labels: [label] });
        }
    }
    return joined.flatMap(({ prefix, first, last, labels }) => {
        return labels.length < 3 ? labels : [{ text: `${prefix}${first}…${last}`, hue: labels[0]?.hue }];
    });
}
