// The answers of a reader, kept in this browser only: for each question the choices, in their order.

export type Answers = Readonly<Record<string, readonly number[]>>;

/** Reads what is stored; anything else than answers counts as nothing. */
export function read(stored: string | null): Answers {
    try {
        const value: unknown = JSON.parse(stored ?? '{}');
        if (typeof value !== 'object' || value === null) return {};
        const isAnswer = (pair: [string, unknown]): pair is [string, number[]] =>
            Array.isArray(pair[1]) && pair[1].every((choice) => Number.isInteger(choice));
        return Object.fromEntries(Object.entries(value).filter(isAnswer));
    } catch {
        return {};
    }
}

/** The answers with one more choice; the same choice twice in a row counts once. */
export function chosen(answers: Answers, question: string, choice: number): Answers {
    const before = answers[question] ?? [];
    if (before.at(-1) === choice) return answers;
    return { ...answers, [question]: [...before, choice] };
}

/** The answers without those to these questions. */
export function forgotten(answers: Answers, questions: readonly string[]): Answers {
    return Object.fromEntries(Object.entries(answers).filter(([question]) => !questions.includes(question)));
}

/** How far a reader is, in words; `right` has the right choice of each question of the page. */
export function progress(answers: Answers, right: ReadonlyMap<string, number>): string {
    const given = [...right].map(([question, choice]) => ({ choices: answers[question] ?? [], choice }));
    const answered = given.filter(({ choices }) => choices.length > 0);
    const predicted = given.filter(({ choices, choice }) => choices[0] === choice);
    const questions = `${right.size} ${right.size === 1 ? 'question' : 'questions'}`;
    if (answered.length === 0) return `Predict first: this page has ${questions} about what a run does.`;
    return `${predicted.length} of ${right.size} predicted, ${answered.length} answered.`;
}
