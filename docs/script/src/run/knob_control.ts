// The control of one knob: a slider for round values, and a field for any value.

import { element } from '../view/element.ts';
import { ends, numberOf, stops, valueOf, type Knob } from './knob.ts';

export class KnobControl {
    readonly knob: Knob;
    private readonly stops: readonly number[];
    private readonly slider: HTMLInputElement;
    private readonly field: HTMLInputElement;

    /**
     * Takes the place of the text in an item of the list of knobs. `prefix` and the knob's name are an id of
     * the page. `onChange` is also called while the slider moves.
     */
    constructor(item: HTMLElement, prefix: string, onChange: () => void) {
        const { knob: name = '', default: usual = '', range = '' } = item.dataset;
        this.knob = { name, default: usual, range };
        this.stops = stops(this.knob);
        const [from, to] = ends(this.knob);
        const last = this.stops.length - 1;
        const id = prefix + name;
        this.slider = element('input', { type: 'range', id, min: 0, max: last, step: 1, autocomplete: 'off' });
        this.field = element('input', {
            type: 'text',
            size: Math.max(from.length, to.length, 3) + 1,
            'aria-label': `${name}, exact value from ${from} to ${to}`,
            autocomplete: 'off',
            autocapitalize: 'off',
            spellcheck: 'false',
        });
        this.value = usual;
        this.slider.addEventListener('input', () => {
            this.value = valueOf(this.stops[this.slider.valueAsNumber] ?? 0, this.knob);
            onChange();
        });
        this.field.addEventListener('change', () => {
            this.value = this.field.value.trim() || usual;
            onChange();
        });
        const hint = element('span', { class: 'range' }, `${from} to ${to}`);
        item.replaceChildren(element('label', { for: id }, element('code', {}, name)), this.slider, this.field, hint);
    }

    get value(): string {
        return this.field.value;
    }

    /** Any text: the program itself refuses what it cannot use. */
    set value(value: string) {
        this.field.value = value;
        this.slider.value = String(this.nearestStop(numberOf(value)));
        this.slider.setAttribute('aria-valuetext', value);
    }

    /** Marks a value that the program refused. */
    set isRefused(isRefused: boolean) {
        this.field.setAttribute('aria-invalid', String(isRefused));
    }

    /** The slider stays where it is if the value is no number. */
    private nearestStop(number = this.stops[this.slider.valueAsNumber] ?? 0): number {
        const distances = this.stops.map((stop) => Math.abs(stop - number));
        return distances.indexOf(Math.min(...distances));
    }
}
