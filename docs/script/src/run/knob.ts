// A knob of a section: its values as numbers, and the values that a slider offers.

export interface Knob {
    readonly name: string;
    readonly default: string;
    /** As the kit writes it: `1..=10`, `10ms..=1s`. */
    readonly range: string;
}

/** The value of some knobs, as a reader types them; all other knobs keep their defaults. */
export type Settings = Readonly<Record<string, string>>;

/** More would be closer than a slider shows. */
const MOST_STOPS = 101;

/** From this quotient of its ends on, a range is too wide for equal steps. */
const WIDE = 1000;

/** The number that a value stands for, a duration in milliseconds; none if the kit would refuse to read it. */
export function numberOf(value: string): number | undefined {
    const [, digits, unit = ''] = /^\+?(\d+)(ms|s)?$/.exec(value) ?? [];
    if (digits === undefined) return undefined;
    return Number(digits) * (unit === 's' ? 1000 : 1);
}

/** The value for a number, as the kit writes it. */
export function valueOf(number: number, knob: Knob): string {
    if (!isDuration(knob)) return String(number);
    return number % 1000 === 0 ? `${number / 1000}s` : `${number}ms`;
}

/** The lowest and the highest value. */
export function ends({ range, name }: Knob): [from: string, to: string] {
    const [from, to] = range.split('..=');
    if (from === undefined || to === undefined) throw new Error(`${name} has no range: ${range}`);
    return [from, to];
}

/** The numbers that a slider offers, in order: both ends, the default, and round numbers between them. */
export function stops(knob: Knob): number[] {
    const [from, to] = ends(knob).map((end) => numberOf(end) ?? NaN) as [number, number];
    const round = to - from < MOST_STOPS ? every(1, from, to) : between(from, to);
    const all = new Set([from, ...round, numberOf(knob.default) ?? from, to]);
    return [...all].sort((a, b) => a - b);
}

function between(from: number, to: number): number[] {
    if (to / Math.max(from, 1) > WIDE) return series().filter((number) => from < number && number < to);
    const step = series().find((step) => (to - from) / step < MOST_STOPS) ?? to;
    return every(step, Math.ceil(from / step) * step, to);
}

function every(step: number, from: number, to: number): number[] {
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** 1, 2, 5, 10, 20, 50 and so on. */
function series(): number[] {
    return Array.from({ length: 30 }, (_, index) => ([1, 2, 5][index % 3] ?? 1) * 10 ** Math.floor(index / 3));
}

/** Reads settings as a question names them: `capacity=1,making=50ms`. */
export function parse(text: string): Settings {
    const pairs = text.split(',').filter((pair) => pair !== '').map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return [name, value.join('=')] as const;
    });
    return Object.fromEntries(pairs);
}

/** Only the settings that differ from the defaults; one of a knob that is not there differs, too. */
export function changed(settings: Settings, knobs: readonly Knob[]): Settings {
    const isChanged = ([name, value]: [string, string]) =>
        !knobs.some((knob) => knob.name === name && isSame(value, knob.default));
    return Object.fromEntries(Object.entries(settings).filter(isChanged));
}

/** Whether the values are equal, in whatever way they are written: `1000ms` is `1s`. */
function isSame(one: string, other: string): boolean {
    return one === other || (numberOf(one) !== undefined && numberOf(one) === numberOf(other));
}

/** The command that does the same in a terminal: in virtual time, as in the page. */
export function command(chapter: string, section: string, settings: Settings): string {
    return ['cargo run -p', chapter, '--', section, '--fast', ...options(settings)].join(' ');
}

/** The settings as the program takes them. */
export function options(settings: Settings): string[] {
    return Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
}

function isDuration({ default: value }: Knob): boolean {
    return value.endsWith('s');
}
