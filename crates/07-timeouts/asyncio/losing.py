"""A loop with a timeout that restarts a read in each iteration loses the first value of a pair."""

# also compared with: tick=90ms
# also compared with: tick=220ms
# also compared with: tick=500ms

import asyncio
import os

TICK = float(os.environ.get("KNOB_TICK", 0.14))


async def send(numbers: asyncio.Queue) -> None:
    for n in range(1, 7):
        await asyncio.sleep(0.04)
        await numbers.put(n)
    await numbers.put(None)


# ANCHOR: losing
async def restarted_read(numbers: asyncio.Queue) -> None:
    tick = asyncio.get_running_loop().time() + TICK
    while True:
        try:
            # A tick cancels this read. If it has received a first value, that value is lost.
            async with asyncio.timeout_at(tick):
                pair = await read_pair(numbers)
        except TimeoutError:
            print("restarted read gets a tick")
            tick += TICK
            continue
        if pair is None:
            return
        print(f"restarted read receives {pair[0]} and {pair[1]}")


async def read_pair(numbers: asyncio.Queue) -> tuple[int, int] | None:
    first = await numbers.get()
    if first is None:
        return None
    second = await numbers.get()
    return None if second is None else (first, second)
# ANCHOR_END: losing


# ANCHOR: reusing
async def reused_future(numbers: asyncio.Queue) -> None:
    tick = asyncio.get_running_loop().time() + TICK
    while True:
        reading = asyncio.create_task(read_pair(numbers))
        while not reading.done():
            try:
                # A tick cancels the shield, and the task behind it keeps reading.
                async with asyncio.timeout_at(tick):
                    await asyncio.shield(reading)
            except TimeoutError:
                print("reused future gets a tick")
                tick += TICK
        pair = reading.result()
        if pair is None:
            return
        print(f"reused future receives {pair[0]} and {pair[1]}")
# ANCHOR_END: reusing


# ANCHOR: keeping
async def stored_half(numbers: asyncio.Queue) -> None:
    pairs = Pairs(numbers)
    tick = asyncio.get_running_loop().time() + TICK
    while True:
        try:
            async with asyncio.timeout_at(tick):
                pair = await pairs.next()
        except TimeoutError:
            print("stored half gets a tick")
            tick += TICK
            continue
        if pair is None:
            return
        print(f"stored half receives {pair[0]} and {pair[1]}")


class Pairs:
    def __init__(self, numbers: asyncio.Queue) -> None:
        self.numbers = numbers
        self.first = None

    async def next(self) -> tuple[int, int] | None:
        if self.first is None:
            self.first = await self.numbers.get()
        if self.first is None:
            return None
        second = await self.numbers.get()
        first, self.first = self.first, None
        return None if second is None else (first, second)
# ANCHOR_END: keeping


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for read in (restarted_read, stored_half, reused_future):
            numbers = asyncio.Queue()
            group.create_task(send(numbers))
            group.create_task(read(numbers))


asyncio.run(main())
