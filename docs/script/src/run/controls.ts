// The knobs of a panel: turning one runs the section in the page.

import type { Run } from '../record.ts';
import { element } from '../view/element.ts';
import { read, write } from './address.ts';
import { changed, command, parse, type Settings } from './knob.ts';
import { KnobControl } from './knob_control.ts';
import { outcome } from './outcome.ts';
import { run, type Result } from './program.ts';
import { Titles } from './titles.ts';

/** Shows a run and the picture that was drawn of it. */
export type Show = (run: Run, picture: string) => void;

/** The address follows when a slider rests, in milliseconds: browsers refuse too many changes of it. */
const REST = 400;

/** A run that takes fewer milliseconds is not announced. */
const SLOW = 200;

/** Python does not run in the page. */
const TWIN = 'What is shown of asyncio is for the defaults.';

/** Gives the knobs of a panel controls, and sets them to the settings in the address. */
export function attach(panel: HTMLElement, show: Show, question?: string): void {
    const list = panel.querySelector<HTMLElement>('.knobs');
    if (!list || panel.dataset.pure === undefined) return;
    const cannot = whyNot();
    if (cannot) list.after(element('p', { class: 'note' }, ...cannot));
    else new Controls(panel, list, show, question).followAddress();
}

/** Why programs cannot run in this page. */
function whyNot(): (Node | string)[] | undefined {
    if (location.protocol === 'file:') {
        return ['The knobs turn, and the program runs here, if ', element('code', {}, 'just serve'), ' serves the book.'];
    }
    if (!('WebAssembly' in window) || !('Worker' in window)) {
        return ['In a browser with WebAssembly the knobs turn, and the program runs here.'];
    }
    return undefined;
}

class Controls {
    private readonly chapter: string;
    private readonly section: string;
    private readonly knobs: readonly KnobControl[];
    private readonly titles: Titles;
    private readonly command = element('code', { tabindex: 0 });
    private readonly copied = element('button', { type: 'button' }, 'Copy command');
    private readonly reset = element('button', { type: 'button' }, 'Defaults');
    private readonly status = element('p', { class: 'status', role: 'status' });
    private readonly details = element('pre', { class: 'report', role: 'group', tabindex: 0, 'aria-label': 'What a terminal shows' });
    private timer: number | undefined;
    private hasRun = false;

    constructor(
        private readonly panel: HTMLElement,
        list: HTMLElement,
        private readonly show: Show,
        question?: string,
    ) {
        this.chapter = panel.dataset.chapter ?? '';
        this.section = panel.dataset.section ?? '';
        const items = [...list.querySelectorAll<HTMLElement>('[data-knob]')];
        this.knobs = items.map((item) => new KnobControl(item, `${this.key}/`, () => { this.turned(this.settings); }));
        this.titles = new Titles(panel);
        const foot = list.parentElement;
        const line = element('div', { class: 'command' }, this.command, this.copied, this.reset);
        const block = element('div', { class: 'turn', role: 'group', 'aria-label': 'Run with other settings' });
        block.append(...this.asked(question), list, line, this.status, this.details);
        // Above what they change: a slider must stay under the finger that moves it.
        [...panel.querySelectorAll('.run')].at(-1)?.before(block);
        if (foot?.childElementCount === 0) foot.remove();
        this.reset.addEventListener('click', () => { this.set({}); });
        this.copied.addEventListener('click', () => { void this.copy(); });
        this.describe({});
        this.report('');
    }

    /** Sets the knobs to the settings in the address, and shows this panel, unless the address names a heading. */
    followAddress(): void {
        const settings = read(location.search).get(this.key);
        if (!settings) return;
        this.set(settings);
        if (location.hash === '') this.panel.scrollIntoView();
    }

    /** The section, as the address names it. */
    private get key(): string {
        return `${this.chapter}/${this.section}`;
    }

    private get settings(): Settings {
        return Object.fromEntries(this.knobs.map(({ knob, value }) => [knob.name, value]));
    }

    /** Sets all knobs: those that are not named to their defaults. */
    private set(settings: Settings): void {
        for (const control of this.knobs) control.value = settings[control.knob.name] ?? control.knob.default;
        this.turned(settings);
    }

    /** The section's question, with a button that answers it. */
    private asked(question?: string): Element[] {
        const asked = this.panel.querySelector('.predict');
        if (!question || !asked) return [];
        const button = element('button', { type: 'button' }, 'Run it');
        button.addEventListener('click', () => { this.set(parse(question)); });
        asked.querySelector('p')?.append(' ', button);
        return [asked];
    }

    /** The settings of a link may name a knob that the section does not have: the program refuses them. */
    private turned(all: Settings): void {
        const settings = changed(all, this.knobs.map(({ knob }) => knob));
        this.describe(settings);
        void this.run(settings);
    }

    private async run(settings: Settings): Promise<void> {
        const slow = this.hasRun ? 'Running …' : 'Loading the program of this chapter …';
        const timer = window.setTimeout(() => { this.report(slow); }, SLOW);
        let result: Result | undefined;
        try {
            result = await run(this.chapter, this.section, settings);
        } catch (error) {
            this.panel.classList.add('outdated');
            const why = error instanceof Error ? error.message : String(error);
            this.report(`The program cannot be loaded: ${why}. \`just serve\` builds it, and serves the book.`);
        } finally {
            window.clearTimeout(timer);
        }
        // None if another run replaced this one, or if none could be made.
        if (result) this.ended(result, settings);
    }

    private ended(result: Result, settings: Settings): void {
        this.hasRun = true;
        const isShown = result.run !== undefined && result.picture !== undefined;
        if (isShown) {
            this.show(result.run, result.picture);
            this.titles.show(settings);
            this.panel.classList.toggle('failed', result.run.failure !== undefined);
        }
        this.panel.classList.toggle('outdated', !isShown);
        const isRefused = result.ended === 'refused';
        for (const control of this.knobs) {
            control.isRefused = isRefused && result.errors.startsWith(`error: ${control.knob.name}: `);
        }
        window.clearTimeout(this.timer);
        if (!isRefused) this.timer = window.setTimeout(() => { this.writeAddress(settings); }, REST);
        const { sentence, report } = outcome(result);
        const isTurned = isShown && Object.keys(settings).length > 0;
        this.report(isTurned ? `${sentence} ${TWIN}` : sentence, report);
    }

    /** A link to the page with these settings; no step back, because a reader goes back to another page. */
    private writeAddress(settings: Settings): void {
        const address = location.pathname + write(location.search, this.key, settings) + location.hash;
        history.replaceState(history.state, '', address);
    }

    private report(sentence: string, details = ''): void {
        this.status.textContent = sentence;
        this.details.textContent = details;
        this.details.hidden = details === '';
    }

    /** Shows the command that does the same. */
    private describe(settings: Settings): void {
        this.command.textContent = command(this.chapter, this.section, settings);
        this.reset.disabled = Object.keys(settings).length === 0;
    }

    private async copy(): Promise<void> {
        try {
            await navigator.clipboard.writeText(this.command.textContent);
            this.report('The command is copied.');
        } catch {
            // Without a clipboard, as on a page without TLS: the reader copies what is selected.
            getSelection()?.selectAllChildren(this.command);
            this.report('The command is selected: copy it with your keyboard.');
        }
    }
}
