// A list of lanes: what each does now, and where.

import { element, hueClass, reveal } from './element.ts';

/** More lanes than this are only counted, as in the picture. */
const MAX_ROWS = 40;

/** So many lanes have room without scrolling, also on a narrow screen. */
const SHORT = 7;

/** Where a lane is; if the page has the line, `open` brings it into sight. */
interface Place {
    readonly text: string;
    /** Whether the line is only in the whole program. */
    readonly isHidden: boolean;
    readonly open?: () => void;
}

/** What a row shows. */
export interface Row {
    readonly state: string;
    readonly place?: Place;
    readonly isCurrent: boolean;
}

export class States {
    readonly element: HTMLElement;
    private readonly title = element('p', { class: 'title' });
    private readonly list = element('ul');
    private current: HTMLElement | undefined;
    private rows: { item: HTMLElement; state: HTMLElement; place: HTMLElement }[] = [];

    constructor(
        private readonly name: string,
        kind: string,
    ) {
        this.element = element('div', { class: kind }, this.title, this.list);
    }

    /** Sets the names of the lanes, and their hues. */
    setLanes(lanes: readonly { readonly name: string; readonly hue: number | undefined }[]): void {
        this.rows = lanes.slice(0, MAX_ROWS).map(({ name, hue }) => {
            const state = element('span', { class: 'state' });
            const place = element('span', { class: 'place' });
            const chip = element('span', { class: `chip ${hueClass(hue)}` }, name);
            return { item: element('li', {}, chip, state, place), state, place };
        });
        // The arrow keys scroll a long list in every browser.
        if (lanes.length > SHORT) this.list.tabIndex = 0;
        else this.list.removeAttribute('tabindex');
        const more = lanes.length - this.rows.length;
        const items: HTMLElement[] = this.rows.map(({ item }) => item);
        if (more > 0) items.push(element('li', { class: 'more' }, `… and ${more} more`));
        this.list.replaceChildren(...items);
    }

    /** `when` is in the title, if the cursor does not show it. */
    show(now: readonly Row[], when?: string): void {
        const title = when === undefined ? this.name : `${this.name} ${when}`;
        this.title.textContent = title;
        this.list.setAttribute('aria-label', title);
        this.rows.forEach(({ item, state, place }, index) => {
            const row = now[index];
            if (!row) return;
            item.classList.toggle('now', row.isCurrent);
            // A text that is cut off is shown whole under the mouse.
            if (state.textContent !== row.state) state.textContent = state.title = row.state;
            place.replaceChildren(...content(row.place));
        });
        this.current = this.rows[now.findIndex(({ isCurrent }) => isCurrent)]?.item;
    }

    /** Brings the lane that the cursor shows into sight, in its box. */
    reveal(): void {
        if (this.current) reveal(this.list, this.current);
    }
}

function content(place: Place | undefined): Node[] {
    if (!place) return [];
    if (!place.open) return [new Text(place.text)];
    const button = element('button', { type: 'button' }, place.text);
    if (place.isHidden) button.append(element('span', {}, ', in the whole program'));
    button.addEventListener('click', place.open);
    return [button];
}
