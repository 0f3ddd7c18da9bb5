// The worker of one chapter runs its program, again and again, beside the page.

import { execute } from './execute.ts';
import type { Answer, Load, Order } from './messages.ts';

let module: WebAssembly.Module | undefined;

self.onmessage = async ({ data }: MessageEvent<Load | Order>) => {
    if ('module' in data) {
        module = data.module;
    } else if (module) {
        const answer = (answer: Answer) => { self.postMessage(answer); };
        answer({ is: 'begun' });
        const { args, files, limits } = data;
        try {
            answer({ is: 'finished', finished: await execute(module, args, files, limits) });
        } catch (error) {
            // A rejected promise would not reach `onerror` of the page, which would wait until its limit.
            reportError(error);
        }
    }
};
