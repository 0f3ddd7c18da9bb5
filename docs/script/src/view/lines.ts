// The printed lines: those that the run has printed so far, and the last of them.

import { line, type Run } from '../record.ts';
import { seconds } from '../words.ts';
import { element, reveal } from './element.ts';

export class Lines {
    private items: readonly HTMLElement[];
    /** The lines that the page came with: some are marked as printed by one program only. */
    private readonly recorded: readonly HTMLElement[];
    private last: HTMLElement | undefined;

    /** `list` is on the page already; `onPick` gets the number of the line that the reader clicks. */
    constructor(
        private readonly list: HTMLElement,
        onPick: (line: number) => void,
    ) {
        this.items = [...list.querySelectorAll('li')];
        this.recorded = this.items;
        list.classList.add('pickable');
        list.addEventListener('click', ({ target }) => {
            const item = target instanceof Element ? target.closest('li') : null;
            // A reader who selects text wants to copy it.
            if (item && getSelection()?.isCollapsed !== false) onPick(this.items.indexOf(item));
        });
    }

    /** Shows the lines of another run, and why it failed. */
    replace(run: Run): void {
        this.rest();
        const lines = run.events.filter((event) => event.what === 'said').map((said) => item(said.at, line(said, run)));
        const isRecorded =
            lines.length === this.recorded.length &&
            lines.every((line, index) => line.textContent === this.recorded[index]?.textContent);
        this.items = isRecorded ? this.recorded : lines;
        this.list.replaceChildren(...this.items);
        this.list.parentElement?.querySelector('.failure')?.remove();
        if (run.failure !== undefined) this.list.after(element('pre', { class: 'failure' }, run.failure));
    }

    /** `printed` lines are printed; `isNew` if the last of them is what the cursor shows. */
    show(printed: number, isNew: boolean): void {
        this.items.forEach((item, index) => {
            item.classList.toggle('later', index >= printed);
            item.classList.toggle('last', index === printed - 1);
            item.classList.toggle('now', isNew && index === printed - 1);
        });
        this.last = this.items[Math.max(printed - 1, 0)];
    }

    /** Brings the last printed line into sight, in its box. */
    reveal(): void {
        if (this.last) reveal(this.list, this.last);
    }

    /** Shows all lines, as without a cursor. */
    rest(): void {
        if (!this.last) return;
        this.last = undefined;
        for (const item of this.items) item.classList.remove('later', 'last', 'now');
        this.list.scrollTop = 0;
    }
}

/** A line as the pages have it. */
function item(at: number, text: string): HTMLElement {
    const time = seconds(at).replace(' ', '\u00a0');
    return element('li', {}, element('time', {}, time), ' ', element('span', {}, text));
}
