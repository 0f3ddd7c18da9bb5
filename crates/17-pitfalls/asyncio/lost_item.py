"""A timeout around taking and storing an order also cancels the storing, so the order is lost."""

# also compared with: tick=560ms

import asyncio
import os

TICK = float(os.environ.get("KNOB_TICK", 0.36))


async def send(orders: asyncio.Queue) -> None:
    for n in range(1, 6):
        await asyncio.sleep(0.16)
        await orders.put(n)
    await orders.put(None)


# ANCHOR: lost_item
async def wrong(orders: asyncio.Queue) -> int:
    tick = asyncio.get_running_loop().time() + TICK
    stored = 0
    while True:
        try:
            async with asyncio.timeout_at(tick):
                # A tick cancels `take_and_store` while it stores the order.
                if not await take_and_store(orders):
                    return stored
            stored += 1
        except TimeoutError:
            print("wrong tick")
            tick += TICK


async def take_and_store(orders: asyncio.Queue) -> bool:
    if (order := await orders.get()) is None:
        return False
    await store("wrong", order)
    return True


async def right(orders: asyncio.Queue) -> int:
    tick = asyncio.get_running_loop().time() + TICK
    stored = 0
    while True:
        try:
            async with asyncio.timeout_at(tick):
                order = await orders.get()
        except TimeoutError:
            print("right tick")
            tick += TICK
            continue
        if order is None:
            return stored
        await store("right", order)
        stored += 1


async def store(version: str, order: int) -> None:
    await asyncio.sleep(0.12)
    print(f"{version} stored {order}")
# ANCHOR_END: lost_item


async def main() -> None:
    tasks = []
    for version in (wrong, right):
        orders = asyncio.Queue()
        tasks.append(asyncio.create_task(version(orders)))
        tasks.append(asyncio.create_task(send(orders)))
    print(f"cancelled while storing: {await tasks[0]} of 5 orders are stored")
    print(f"cancelled while waiting: {await tasks[2]} of 5 orders are stored")
    await asyncio.gather(*tasks)


asyncio.run(main())
