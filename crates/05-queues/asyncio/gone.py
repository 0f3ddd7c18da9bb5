"""A producer does not notice that its consumers are gone: another task has to cancel it."""

# also compared with: capacity=1 consumers=1
# also compared with: capacity=10 consumers=5

import asyncio
import os

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 2))
CONSUMERS = int(os.environ.get("KNOB_CONSUMERS", 2))


# ANCHOR: gone
async def produce(queue: asyncio.Queue) -> None:
    item = 0
    try:
        while True:
            await queue.put(item)
            item += 1
    except asyncio.CancelledError:
        print(f"sending producer gets {item} back: no consumer is left")
        raise


async def wait_for_item() -> None:
    try:
        await asyncio.sleep(10)
        print("waiting producer has waited 10 s")
    except asyncio.CancelledError:
        print("waiting producer stops waiting: no consumer is left")
        raise


async def consume(n: int, queue: asyncio.Queue) -> None:
    while True:
        item = await queue.get()
        await asyncio.sleep(0.02 + 0.011 * n)
        if item >= 4:
            raise ValueError(f"item {item} is broken")
        print(f"consumer-{n} used {item}")


async def main() -> None:
    queue = asyncio.Queue(CAPACITY)
    sending = asyncio.create_task(produce(queue))
    waiting = asyncio.create_task(wait_for_item())
    consumers = [asyncio.create_task(consume(n, queue)) for n in range(CONSUMERS)]
    for consumer in asyncio.as_completed(consumers):
        try:
            await consumer
        except ValueError as error:
            print(f"a consumer failed: {error}")
    sending.cancel()
    waiting.cancel()
    await asyncio.wait([sending, waiting])
# ANCHOR_END: gone


asyncio.run(main())
