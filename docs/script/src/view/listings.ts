// The listings of a panel, with the lines marked where the lanes are.

import { labels, lineNumbers, markedRows, type Mark, type MarkedRow } from '../listing.ts';
import { element, hueClass } from './element.ts';

export class Listings {
    private readonly all: Listing[];

    constructor(panel: HTMLElement) {
        this.all = [...panel.querySelectorAll<HTMLElement>('[data-file][data-lines]')].flatMap((source) => {
            const pre = source.closest('pre') ?? source.querySelector('pre');
            return pre ? [new Listing(source, pre)] : [];
        });
    }

    mark(marks: readonly Mark[]): void {
        for (const listing of this.all) listing.mark(marks);
    }

    /** Where the panel shows this line: in a part that is open, in the whole program, or not at all. */
    find(file: string, line: number): 'shown' | 'whole' | 'missing' {
        const all = this.all.filter((listing) => listing.has(file, line));
        if (all.some((listing) => !listing.details)) return 'shown';
        return all.length > 0 ? 'whole' : 'missing';
    }

    /** Opens the whole program at this line, because the reader asks for it. */
    open(file: string, line: number): void {
        const listing = this.all.find((each) => each.has(file, line));
        if (!listing) return;
        if (listing.details) listing.details.open = true;
        listing.scrollTo(line);
    }
}

class Listing {
    readonly details: HTMLDetailsElement | null;
    private readonly file: string;
    private readonly lines: readonly number[];
    private readonly layer = element('div', { class: 'marks', 'aria-hidden': 'true' });
    /** The number of characters of each row: a label follows the text. */
    private readonly widths: readonly number[];

    constructor(source: HTMLElement, pre: HTMLElement) {
        this.details = pre.closest('details');
        this.file = source.dataset.file ?? '';
        this.lines = lineNumbers(source.dataset.lines ?? '');
        const code = pre.querySelector('code');
        this.widths = (code?.textContent ?? '').split('\n').map((row) => row.length);
        pre.append(this.layer);
        code?.addEventListener('scroll', () => {
            this.layer.style.setProperty('--scrolled', `${code.scrollLeft}px`);
        });
    }

    has(file: string, line: number): boolean {
        return this.file === file && this.lines.includes(line);
    }

    scrollTo(line: number): void {
        const row = element('div', { class: 'mark', style: `--row: ${this.lines.indexOf(line)}` });
        this.layer.append(row);
        row.scrollIntoView({ block: 'center' });
        row.remove();
    }

    mark(marks: readonly Mark[]): void {
        this.layer.replaceChildren(...markedRows(this.file, this.lines, marks).map((row) => this.draw(row)));
    }

    private draw({ row, marks }: MarkedRow): HTMLElement {
        const first = marks.find(({ isCurrent }) => isCurrent) ?? marks[0];
        const kinds = [hueClass(first?.hue)];
        if (first?.isCurrent) kinds.push('now');
        if (marks.every(({ relation }) => relation !== 'at')) kinds.push('after');
        const chips = labels(marks).map(({ text, hue }) => element('span', { class: `chip ${hueClass(hue)}` }, text));
        const style = `--row: ${row}; --text: ${this.widths[row] ?? 0}ch`;
        return element('div', { class: `mark ${kinds.join(' ')}`, style }, ...chips);
    }
}
