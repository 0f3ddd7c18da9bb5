// What the pages do beyond text: each panel that has the record of a run gets a time cursor, and
// knobs that run its program.

import './frame.ts';
import { Player, type Shown } from './player.ts';
import { ask, SHOW_MOMENT } from './predict.ts';
import { parsePageRecord, type Language, type Run } from './record.ts';
import { attach } from './run/controls.ts';
import { Listings } from './view/listings.ts';

// Code and tables that are too wide scroll: let the arrow keys do it in every browser.
for (const wide of document.querySelectorAll<HTMLElement>('pre > code, .table-wrapper')) {
    wide.tabIndex = 0;
}

// The page to print has every panel of the book, and is not walked through.
if (!location.pathname.endsWith('/print.html')) {
    for (const panel of document.querySelectorAll<HTMLElement>('.panel')) start(panel);
}

// After the panels: a right answer leads to one that shows moments.
ask();

function start(panel: HTMLElement): void {
    const rust = recorded(panel, 'rust');
    if (!rust) return;
    const player = new Player(panel, new Listings(panel), rust, shown(panel), recorded(panel, 'python'));
    attach(panel, (run, picture) => { player.show(run, picture); }, rust.question?.setting);
    panel.dataset.showsMoments = '';
    panel.addEventListener(SHOW_MOMENT, (event) => {
        player.moveToTime((event as CustomEvent<number>).detail);
    });
}

/** The run that the page has of a program. */
function recorded(panel: HTMLElement, language: Language): Run | undefined {
    const text = panel.querySelector(`script.record[data-language="${language}"]`)?.textContent;
    return text ? parsePageRecord(text).runs[0] : undefined;
}

/** The parts of the page for each program; if both print the same, they are shown once. */
function shown(panel: HTMLElement): { rust: Shown; python: Shown } {
    const runs = [...panel.querySelectorAll('.run')].map((run): Shown => {
        const lines = run.querySelector<HTMLElement>('.output ol');
        const picture = run.querySelector<SVGSVGElement>('.timeline svg');
        return { ...(lines && { lines }), ...(picture && { picture }) };
    });
    const rust = runs.at(-1) ?? {};
    return { rust, python: runs.length > 1 ? (runs[0] ?? {}) : {} };
}
