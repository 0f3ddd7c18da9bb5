// The cursor on the picture: a line at the moment, and the hue of each lane beside its name.

import type { Run } from '../record.ts';
import { element, hueClass, revealSideways, svg } from './element.ts';

/** The picture draws a name this much below the middle of its row. */
const BASELINE = 4;
/** The cursor reaches beyond the rows by this. */
const REACH = 14;

export class Picture {
    private svg: SVGSVGElement;
    private line: SVGElement | undefined;

    /** `onPick` gets the time, in microseconds, at which the reader clicks or to which they drag. */
    constructor(svg: SVGSVGElement, onPick: (time: number) => void) {
        this.svg = svg;
        const pick = (event: MouseEvent) => {
            const time = this.timeAt(event.clientX);
            if (time !== undefined) onPick(time);
        };
        const box = svg.parentElement;
        box?.addEventListener('click', pick);
        // A finger that moves scrolls the page or the picture.
        box?.addEventListener('pointermove', (event) => {
            if (event.pointerType === 'mouse' && event.buttons === 1) pick(event);
        });
    }

    /** Shows another picture of the renderer. The page has its style and its title already. */
    replace(drawn: string): void {
        const parsed = new DOMParser().parseFromString(drawn, 'image/svg+xml').documentElement;
        if (!(parsed instanceof SVGSVGElement)) return;
        parsed.querySelector('style')?.remove();
        const title = this.svg.viewBox.baseVal.y;
        const { width, height } = parsed.viewBox.baseVal;
        parsed.setAttribute('viewBox', `0 ${title} ${width} ${height - title}`);
        parsed.removeAttribute('width');
        parsed.removeAttribute('height');
        this.svg.replaceWith(parsed);
        this.svg = parsed;
        this.line = undefined;
        parsed.closest('.timeline')?.querySelector('dl')?.replaceChildren(...inWords(parsed));
    }

    /** Shows the cursor at this time, in microseconds. */
    show(time: number, run: Run, hues: readonly (number | undefined)[]): void {
        const plot = this.plot();
        if (!plot) return;
        this.line ??= this.draw(run, hues);
        const x = plot.left + ((plot.right - plot.left) * Math.min(time, plot.end)) / Math.max(plot.end, 1);
        this.line.setAttribute('transform', `translate(${x.toFixed(1)} 0)`);
    }

    /** Brings the cursor into sight, if the picture is wider than its box. */
    reveal(): void {
        if (this.svg.parentElement && this.line) revealSideways(this.svg.parentElement, this.line);
    }

    rest(): void {
        this.svg.querySelectorAll('.cursor, .key').forEach((part) => {
            part.remove();
        });
        this.line = undefined;
    }

    private timeAt(clientX: number): number | undefined {
        const [plot, matrix] = [this.plot(), this.svg.getScreenCTM()];
        if (!plot || !matrix) return undefined;
        const x = (clientX - matrix.e) / matrix.a;
        const time = ((x - plot.left) / (plot.right - plot.left)) * plot.end;
        // Left of the axis are the names.
        return x < plot.left - REACH ? undefined : Math.min(Math.max(time, 0), plot.end);
    }

    /** The x positions of time 0 and of the end, and the end in microseconds. */
    private plot(): { left: number; right: number; end: number } | undefined {
        const [left, right, end] = (this.svg.dataset.plot ?? '').split(' ').map(Number);
        return left === undefined || right === undefined || end === undefined ? undefined : { left, right, end };
    }

    private draw(run: Run, hues: readonly (number | undefined)[]): SVGElement {
        const names = [...this.svg.querySelectorAll('.name')];
        const rows = names.map((name) => Number(name.getAttribute('y')) - BASELINE);
        let lane = 0;
        names.forEach((name, index) => {
            const text = name.firstChild?.textContent ?? '';
            // Not every lane has a row, if there are very many.
            while (lane < run.lanes.length && !isShortOf(text, run.lanes[lane]?.name ?? '')) lane += 1;
            const hue = hues[lane++];
            this.svg.append(svg('circle', { class: `key ${hueClass(hue)}`, cx: 11, cy: rows[index] ?? 0, r: 4 }));
        });
        const [top, bottom] = [Math.min(...rows) - REACH, Math.max(...rows) + REACH];
        const line = svg(
            'g',
            { class: 'cursor' },
            svg('path', { d: `M0 ${top}V${bottom}` }),
            svg('path', { class: 'grip', d: `M-5 ${top - 7}H5V${top - 3}L0 ${top + 2}L-5 ${top - 3}Z` }),
        );
        this.svg.append(line);
        return line;
    }
}

/** Whether the picture may show `name` as `text`: a long name is cut, with an ellipsis. */
function isShortOf(text: string, name: string): boolean {
    return text === name || (text.endsWith('…') && name.startsWith(text.slice(0, -1)));
}

/** The names of the rows, and the texts that appear when a mouse rests on their parts. */
function inWords(svg: SVGSVGElement): Node[] {
    const rows: Node[] = [];
    let events = element('ul');
    for (const part of svg.children) {
        // The legend follows the rows.
        if (part.classList.contains('quiet')) break;
        const title = part.querySelector('title')?.textContent;
        if (part.classList.contains('name')) {
            events = element('ul');
            rows.push(element('dt', {}, part.firstChild?.textContent ?? ''), element('dd', {}, events));
        } else if (title) {
            events.append(element('li', {}, title));
        }
    }
    return rows;
}
