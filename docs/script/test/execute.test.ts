import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { execute } from '../src/run/execute.ts';

/** A program with one page of memory, from the body of its `_start`. */
function program(body: string): WebAssembly.Module {
    const call = (name: string, types: string) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${types}))`;
    const text = `(module
        ${call('fd_write', '(param i32 i32 i32 i32) (result i32)')}
        ${call('clock_time_get', '(param i32 i64 i32) (result i32)')}
        ${call('proc_exit', '(param i32)')}
        (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00")
        (data (i32.const 16) "hi\\n")
        (func $say (param $to i32) (drop (call $fd_write (local.get $to) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "_start") ${body}))`;
    const parsed = binaryen.parseText(text);
    parsed.setFeatures(binaryen.Features.MVP);
    const bytes = parsed.emitBinary();
    return new WebAssembly.Module(bytes as BufferSource);
}

const LIMITS = { time: 100, printed: 1000 };

let time = 0;

/** A call of the program takes a tenth of a millisecond, on any machine. */
function run(body: string) {
    time = 0;
    return execute(program(body), ['fake'], [], LIMITS, () => (time += 0.1));
}

test('both outputs and the exit code are returned', async () => {
    const ended = await run('(call $say (i32.const 1)) (call $say (i32.const 2)) (call $proc_exit (i32.const 2))');
    assert.deepEqual(ended, { code: 2, output: 'hi\n', errors: 'hi\n', files: {} });
    assert.equal((await run('')).code, 0);
});

test('a program that prints without end is stopped, and what it printed is kept', async () => {
    for (const to of [1, 2]) {
        const { code, reached, output, errors } = await run(`(loop $again (call $say (i32.const ${to})) (br $again))`);
        assert.deepEqual({ code, reached }, { code: undefined, reached: 'printed' });
        assert.equal(to === 1 ? output : errors, 'hi\n'.repeat(333));
    }
});

test('a program whose time passes without end is stopped', async () => {
    const wait = '(drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 32)))';
    const { code, reached, output } = await run(`(call $say (i32.const 1)) (loop $again ${wait} (br $again))`);
    assert.deepEqual({ code, reached, output }, { code: undefined, reached: 'time', output: 'hi\n' });
    assert.ok(time < LIMITS.time + 1, `${time} ms`);
});

test('a crash that the program does not report itself has the reason of the engine', async () => {
    const silent = await run('(unreachable)');
    assert.equal(silent.code, undefined);
    assert.equal(silent.reached, undefined);
    assert.match(silent.errors, /RuntimeError.*unreachable/);
    assert.equal((await run('(call $say (i32.const 2)) (unreachable)')).errors, 'hi\n');
});
