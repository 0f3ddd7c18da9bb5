import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finished } from '../src/run/execute.ts';
import type { Answer, Load, Order } from '../src/run/messages.ts';
import { Program, type Host, type WorkerLike } from '../src/run/program.ts';

/** A worker that answers only when the test calls `answer`. */
class FakeWorker implements WorkerLike {
    onmessage: ((event: MessageEvent<Answer>) => void) | null = null;
    onerror: ((event: ErrorEvent) => void) | null = null;
    readonly received: (Load | Order)[] = [];
    isOver = false;

    postMessage(message: Load | Order): void {
        this.received.push(message);
    }

    terminate(): void {
        this.isOver = true;
    }

    answer(answer: Answer): void {
        this.onmessage?.({ data: answer } as MessageEvent<Answer>);
    }

    finish(finished: Partial<Finished> = {}): void {
        this.answer({ is: 'finished', finished: { code: 0, output: '', errors: '', files: {}, ...finished } });
    }

    /** The arguments of the runs that were ordered. */
    get settings(): string[] {
        return this.received.flatMap((message) => ('args' in message ? [message.args.slice(9).join(' ')] : []));
    }
}

class FakePage implements Host {
    readonly workers: FakeWorker[] = [];
    loads = 0;
    isOffline = false;

    module(): Promise<WebAssembly.Module> {
        this.loads += 1;
        return this.isOffline ? Promise.reject(new Error('404')) : Promise.resolve({} as WebAssembly.Module);
    }

    worker(): FakeWorker {
        const worker = new FakeWorker();
        this.workers.push(worker);
        return worker;
    }
}

/** Lets everything happen that can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
    const page = new FakePage();
    const program = new Program('queues', page, { time: 20, printed: 100 });
    return { page, program };
}

test('the program is loaded once, at the first run, and gets its arguments at each', async () => {
    const { page, program } = setUp();
    assert.equal(page.loads, 0);
    for (const capacity of ['1', '2']) {
        const run = program.run('bounded', { capacity });
        await settled();
        page.workers[0]?.finish({ files: { 'bounded.svg': '<svg/>' }, output: 'a line\n' });
        const result = await run;
        assert.equal(result?.ended, 'ok');
        assert.equal(result.picture, '<svg/>');
        assert.equal(result.output, 'a line\n');
    }
    assert.equal(page.loads, 1);
    const [load, order] = page.workers[0]?.received ?? [];
    assert.ok(load && 'module' in load && order && 'args' in order);
    const args = 'queues bounded --plain --timeline never --svg /out --record /out/run.json --set capacity=1';
    assert.deepEqual(order.args, args.split(' '));
    assert.deepEqual(order.files, ['bounded.svg', 'run.json']);
});

test('of the runs that wait only the newest runs', async () => {
    const { page, program } = setUp();
    const runs = ['1', '2', '3'].map((n) => program.run('bounded', { n }));
    await settled();
    page.workers[0]?.finish();
    await settled();
    page.workers[0]?.finish();
    const results = await Promise.all(runs);
    assert.deepEqual(results.map((result) => result?.ended), ['ok', undefined, 'ok']);
    assert.deepEqual(page.workers[0]?.settings, ['--set n=1', '--set n=3']);
});

test('each way to end has its name', async () => {
    const { page, program } = setUp();
    const ends = [[{ code: 1 }, 'failed'], [{ code: 2 }, 'refused'], [{ code: undefined }, 'failed'], [{ reached: 'time' }, 'stopped']] as const;
    for (const [finished, ended] of ends) {
        const run = program.run('bounded', {});
        await settled();
        page.workers[0]?.finish(finished);
        assert.equal((await run)?.ended, ended);
    }
});

test('a worker that does not answer is replaced, and nothing is loaded again', async () => {
    const { page, program } = setUp();
    const run = program.run('bounded', {});
    await settled();
    page.workers[0]?.answer({ is: 'begun' });
    const result = await run;
    assert.equal(result?.ended, 'stopped');
    assert.equal(result.reached, 'silent');
    assert.equal(page.workers[0]?.isOver, true);
    const next = program.run('bounded', {});
    await settled();
    page.workers[1]?.finish();
    assert.equal((await next)?.ended, 'ok');
    assert.equal(page.loads, 1);
});

test('a program that could not be loaded is loaded again at the next run', async () => {
    const { page, program } = setUp();
    page.isOffline = true;
    await assert.rejects(program.run('bounded', {}), /404/);
    page.isOffline = false;
    const next = program.run('bounded', {});
    await settled();
    page.workers[0]?.finish();
    assert.equal((await next)?.ended, 'ok');
});

test('a worker that cannot be loaded fails the run', async () => {
    const { page, program } = setUp();
    const run = program.run('bounded', {});
    await settled();
    page.workers[0]?.onerror?.({ message: '' } as ErrorEvent);
    await assert.rejects(run, /the worker cannot be loaded/);
});
