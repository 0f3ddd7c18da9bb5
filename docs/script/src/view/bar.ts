// The bar below the picture: buttons, a slider, and what the cursor shows in words.

import { moved } from '../keys.ts';
import { element, svg } from './element.ts';

/** The delay between two positions at normal speed, in milliseconds; arbitrary. */
const DELAY = 800;
const SPEEDS = [0.5, 1, 2, 4];

const ICONS = {
    back: 'M10 3V13L3 8Z',
    play: 'M4 2V14L14 8Z',
    pause: 'M3 2H6.5V14H3ZM9.5 2H13V14H9.5Z',
    forward: 'M6 3V13L13 8Z',
};

export class Bar {
    readonly element: HTMLElement;
    private readonly slider = element('input', { type: 'range', min: 0, step: 1, value: 0, 'aria-label': 'Moment of the run' });
    private readonly time = element('time');
    private readonly text = element('span');
    private readonly status = element('p', { class: 'only-read', role: 'status' });
    private readonly speed = element('select', { 'aria-label': 'Speed' });
    private readonly play = button('Play', 'play');
    private readonly back = button('Previous event', 'back');
    private readonly forward = button('Next event', 'forward');
    private timer: number | undefined;

    /** `onMove` gets the position to which the reader moves; 0 is the whole run. */
    constructor(private readonly onMove: (position: number) => void) {
        for (const speed of SPEEDS) {
            this.speed.append(element('option', { value: speed, selected: speed === 1 }, `${speed} ×`));
        }
        const buttons = element('div', { class: 'buttons' }, this.back, this.play, this.forward);
        const words = element('p', { class: 'moment' }, this.time, ' ', this.text);
        this.element = element(
            'div',
            { class: 'walk', role: 'group', 'aria-label': 'Walk through the run' },
            buttons,
            this.slider,
            this.speed,
            words,
            this.status,
        );
        this.listen();
    }

    private listen(): void {
        this.slider.addEventListener('input', () => {
            this.go(this.slider.valueAsNumber);
        });
        this.slider.addEventListener('keydown', (event) => {
            const position = moved(event.key, this.slider.valueAsNumber, Number(this.slider.max));
            if (event.key !== ' ' && position === undefined) return;
            event.preventDefault();
            if (position === undefined) this.toggle();
            else this.go(position);
        });
        this.back.addEventListener('click', () => {
            this.go(this.slider.valueAsNumber - 1, true);
        });
        this.forward.addEventListener('click', () => {
            this.go(this.slider.valueAsNumber + 1, true);
        });
        this.play.addEventListener('click', () => {
            this.toggle();
        });
    }

    /** The reader moves the cursor. A screen reader reads the slider itself, but not what a button changed. */
    private go(position: number, isRead = false): void {
        this.pause();
        this.onMove(position);
        this.status.textContent = isRead ? this.slider.getAttribute('aria-valuetext') : '';
    }

    /** Sets the number of positions. */
    setLength(positions: number): void {
        this.slider.max = String(positions);
    }

    /** Shows a position: its time and what happens then; nothing for the whole run. */
    show(position: number, time: string, text: string): void {
        this.slider.value = String(position);
        this.slider.setAttribute('aria-valuetext', `${time} ${text}`.trim());
        this.time.textContent = time;
        this.text.textContent = text;
        this.back.disabled = position === 0;
        this.forward.disabled = position === Number(this.slider.max);
    }

    private toggle(): void {
        if (this.timer !== undefined) {
            this.pause();
            return;
        }
        const isAtEnd = this.slider.value === this.slider.max;
        setIcon(this.play, 'Pause', 'pause');
        this.step(isAtEnd ? 1 : this.slider.valueAsNumber + 1);
    }

    private step(position: number): void {
        this.onMove(position);
        if (position >= Number(this.slider.max)) {
            this.pause();
            return;
        }
        this.timer = window.setTimeout(() => {
            this.step(position + 1);
        }, DELAY / Number(this.speed.value));
    }

    /** Stops playing. */
    pause(): void {
        window.clearTimeout(this.timer);
        this.timer = undefined;
        setIcon(this.play, 'Play', 'play');
    }
}

function button(label: string, icon: keyof typeof ICONS): HTMLButtonElement {
    const made = element('button', { type: 'button', class: icon });
    setIcon(made, label, icon);
    return made;
}

function setIcon(of: HTMLButtonElement, label: string, icon: keyof typeof ICONS): void {
    of.setAttribute('aria-label', label);
    of.title = label;
    const path = svg('path', { d: ICONS[icon] });
    of.replaceChildren(svg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, path));
}
