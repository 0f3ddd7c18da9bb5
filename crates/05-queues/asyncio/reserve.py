"""A `put` that times out has not put its item, and the producer still has it."""

# also compared with: patience=1ms using=100ms
# also compared with: patience=200ms

import asyncio
import os

PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.02))
USING = float(os.environ.get("KNOB_USING", 0.05))


# ANCHOR: reserve
async def try_again(queue: asyncio.Queue) -> None:
    for parcel in range(4):
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await queue.put(parcel)
                break
            except TimeoutError:
                print(f"reserving producer still has parcel {parcel}")
            await asyncio.sleep(0.013)
        print(f"reserving producer sends parcel {parcel}")
    await queue.put(None)


async def try_once(queue: asyncio.Queue) -> None:
    for parcel in range(4):
        try:
            async with asyncio.timeout(PATIENCE):
                await queue.put(parcel)
            print(f"sending producer sends parcel {parcel}")
        except TimeoutError:
            print(f"sending producer still has parcel {parcel}, but skips it")
        await asyncio.sleep(0.013)
    await queue.put(None)
# ANCHOR_END: reserve


async def consume(queue: asyncio.Queue) -> None:
    while (parcel := await queue.get()) is not None:
        await asyncio.sleep(USING)
        print(f"consumer used parcel {parcel}")


async def main() -> None:
    for produce in try_again, try_once:
        queue = asyncio.Queue(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(queue))
            group.create_task(consume(queue))


asyncio.run(main())
