"""A `next` that changes nothing before it waits loses no number when it is cancelled."""

# also compared with: patience=10ms
# also compared with: patience=45ms
# also compared with: working=30ms

import asyncio
import os

PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.03))
WORKING = float(os.environ.get("KNOB_WORKING", 0))


# ANCHOR: cancel_safe
class Careless:
    count = 0

    async def next(self) -> int:
        self.count += 1
        await asyncio.sleep(0.05)
        return self.count


class Careful:
    count = 0
    timer = None

    async def next(self) -> int:
        # If the reader is cancelled here, the shielded timer keeps running, and nothing is counted.
        self.timer = self.timer or asyncio.create_task(asyncio.sleep(0.05))
        await asyncio.shield(self.timer)
        self.timer = None
        self.count += 1
        return self.count
# ANCHOR_END: cancel_safe


async def read(name: str, numbers) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await numbers.next()
    except TimeoutError:
        print(f"{name} times out once")
    for _ in range(3):
        print(f"{name} returns {await numbers.next()}")
        await asyncio.sleep(WORKING)


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(read("careless counter", Careless()))
        group.create_task(read("careful counter", Careful()))


asyncio.run(main())
