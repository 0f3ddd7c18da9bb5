// A question of a page can be answered, and explains why an answer is right or wrong.
//
// Without this script the answer is in the `details` below the question. The explanations come from there.

import { chosen, forgotten, progress, read, type Answers } from './predict/answers.ts';
import { write } from './run/address.ts';
import { parse } from './run/knob.ts';
import { element } from './view/element.ts';

const KEY = 'predictions';

/**
 * A panel with `data-shows-moments` moves its cursor when it gets this event, whose detail is a time in
 * microseconds.
 */
export const SHOW_MOMENT = 'show-moment';

/** Nothing, if the browser refuses to store anything, as in some private windows. */
function stored(): string | null {
    try {
        return localStorage.getItem(KEY);
    } catch {
        return null;
    }
}

function store(answers: Answers): void {
    try {
        localStorage.setItem(KEY, JSON.stringify(answers));
    } catch {
        // The page keeps the answers until it is left.
    }
}

class Question {
    readonly right: number;
    private readonly radios: readonly HTMLInputElement[];
    private readonly reply = element('div', { class: 'reply', role: 'status' });
    private readonly details: HTMLDetailsElement | null;

    constructor(
        readonly root: HTMLElement,
        onAnswer: (question: Question, choice: number) => void,
    ) {
        this.radios = [...root.querySelectorAll<HTMLInputElement>('input[type=radio]')];
        this.details = root.querySelector('details');
        this.right = Number(root.querySelector<HTMLElement>('li.right')?.dataset.choice);
        const check = element('button', { type: 'submit', class: 'check', disabled: true }, 'Check');
        const form = root.querySelector('form');
        form?.append(check, this.reply);
        form?.addEventListener('submit', (event) => {
            event.preventDefault();
            const choice = this.radios.findIndex((radio) => radio.checked);
            if (choice >= 0) onAnswer(this, choice);
        });
        form?.addEventListener('change', () => {
            check.disabled = false;
        });
        // The arrow keys choose an answer; mdBook would turn the page.
        form?.addEventListener('keydown', (event) => {
            if (event.key.startsWith('Arrow')) event.stopPropagation();
        });
    }

    /** Shows what was chosen, and the explanation of the last choice. */
    show(choices: readonly number[]): void {
        const last = choices.at(-1);
        this.radios.forEach((radio, number) => {
            const label = radio.closest('label');
            const mark = number === this.right ? 'right' : 'wrong';
            if (label) label.className = choices.includes(number) ? mark : '';
            if (number === last) radio.checked = true;
            if (choices.length === 0) radio.checked = false;
        });
        const check = this.root.querySelector<HTMLButtonElement>('.check');
        if (check && choices.length === 0) check.disabled = true;
        const explanation = this.root.querySelector(`li[data-choice="${last ?? ''}"]`);
        this.reply.className = `reply ${explanation?.className ?? ''}`;
        this.reply.replaceChildren(...(explanation?.cloneNode(true).childNodes ?? []));
        if (last === this.right) this.reply.append(...this.proof());
        // The explanation that is shown above is not repeated.
        for (const item of this.root.querySelectorAll<HTMLElement>('.answers > li')) {
            item.hidden = last === this.right && Number(item.dataset.choice) === last;
        }
        const summary = this.details?.querySelector('summary');
        if (summary) summary.textContent = last === this.right ? 'The other answers' : 'The answer';
    }

    /** Leads to the run in the page: to the moment in it, or to a run with the setting of the question. */
    private proof(): Node[] {
        const { chapter = '', section = '', setting, at } = this.root.dataset;
        const panel = document.querySelector<HTMLElement>(`.panel[data-chapter="${chapter}"][data-section="${section}"]`);
        if (setting && panel?.querySelector('.turn')) {
            const href = write('', `${chapter}/${section}`, parse(setting));
            return [element('a', { href }, 'Run it in the page')];
        }
        if (setting || panel?.dataset.showsMoments === undefined) return [];
        const button = element('button', { type: 'button' }, 'Show it in the run');
        button.addEventListener('click', () => {
            panel.dispatchEvent(new CustomEvent(SHOW_MOMENT, { detail: Number(at) }));
            panel.querySelector<HTMLElement>('.walk input')?.focus({ preventScroll: true });
            [...panel.querySelectorAll('.run')].at(-1)?.scrollIntoView({ block: 'center' });
        });
        return [button];
    }
}

class Page {
    private answers: Answers;
    private readonly questions: ReadonlyMap<string, Question>;
    private readonly progress = element('span', { role: 'status' });
    private readonly forget = element('button', { type: 'button', class: 'forget' }, 'Forget my answers');

    constructor(roots: readonly HTMLElement[]) {
        this.answers = read(stored());
        const answer = (question: Question, choice: number) => {
            // Another tab may have stored answers since.
            this.answers = chosen({ ...this.answers, ...read(stored()) }, question.root.id, choice);
            store(this.answers);
            this.show();
        };
        this.questions = new Map(roots.map((root) => [root.id, new Question(root, answer)]));
        const heading = document.querySelector('main h1');
        heading?.after(element('p', { class: 'predictions' }, this.progress, ' ', this.forget));
        this.forget.title = 'Your answers on this page. They are kept in this browser only.';
        this.forget.addEventListener('click', () => {
            this.answers = forgotten({ ...this.answers, ...read(stored()) }, [...this.questions.keys()]);
            store(this.answers);
            this.show();
        });
        this.show();
    }

    private show(): void {
        for (const [id, question] of this.questions) question.show(this.answers[id] ?? []);
        const right = new Map([...this.questions].map(([id, question]) => [id, question.right]));
        this.progress.textContent = progress(this.answers, right);
        this.forget.hidden = ![...right.keys()].some((id) => this.answers[id]);
    }
}

/** Gives the questions of the page their buttons, and shows what was answered before. */
export function ask(): void {
    const roots = [...document.querySelectorAll<HTMLElement>('.prediction')];
    if (roots.length > 0) new Page(roots);
}
