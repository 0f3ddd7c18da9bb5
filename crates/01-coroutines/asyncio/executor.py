"""This event loop resumes a waiting coroutine only after the future that it waits for is done."""

# also compared with: steps=1
# also compared with: steps=10

import asyncio
import os

STEPS = int(os.environ.get("KNOB_STEPS", 3))


# ANCHOR: tasks
async def task_a(answer: asyncio.Future) -> None:
    print("A asks B, and waits")
    value = await answer
    print(f"A is resumed with {value}")


async def task_b(answer: asyncio.Future) -> None:
    for n in range(1, STEPS + 1):
        await asyncio.sleep(0.01)
        print(f"B has done step {n}")
    print("B answers")
    answer.set_result(42)
# ANCHOR_END: tasks


# ANCHOR: executor
class Loop:
    def __init__(self) -> None:
        self.ready = asyncio.Queue()
        self.unfinished = 0
        self.sends = []

    def spawn(self, coroutine) -> None:
        task = (len(self.sends), coroutine)
        self.sends.append(0)
        self.unfinished += 1
        self.ready.put_nowait(task)

    async def run(self) -> list[int]:
        while self.unfinished:
            number, coroutine = task = await self.ready.get()
            self.sends[number] += 1
            try:
                future = coroutine.send(None)
            except StopIteration:
                self.unfinished -= 1
            else:
                # The loop does not put a waiting coroutine back: a callback of its future does that.
                future.add_done_callback(lambda _, task=task: self.ready.put_nowait(task))
        return self.sends
# ANCHOR_END: executor


async def main() -> None:
    loop = Loop()
    answer = asyncio.get_running_loop().create_future()
    loop.spawn(task_a(answer))
    loop.spawn(task_b(answer))
    print(f"polls of A and B: {await loop.run()}")


asyncio.run(main())
