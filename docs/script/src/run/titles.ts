// The headings of what is printed name the setting: with other settings only Tokio's program runs.

import { element } from '../view/element.ts';
import type { Settings } from './knob.ts';

export class Titles {
    private readonly titles: readonly HTMLElement[];
    private readonly usual: readonly string[];

    constructor(panel: HTMLElement) {
        this.titles = [...panel.querySelectorAll<HTMLElement>('.run .output .title')];
        this.usual = this.titles.map((title) => title.textContent);
    }

    /** Names the settings that differ from the defaults. Tokio's output is the last, or the only one. */
    show(settings: Settings): void {
        const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`).join(' ');
        this.titles.forEach((title, index) => {
            const usual = this.usual[index] ?? '';
            if (words === '') title.textContent = usual;
            else if (index < this.titles.length - 1) title.textContent = `${usual}, with the defaults`;
            else title.replaceChildren('Tokio prints, with ', element('code', {}, words));
            // The list of lines has the same label.
            title.nextElementSibling?.setAttribute('aria-label', title.textContent);
        });
    }
}
