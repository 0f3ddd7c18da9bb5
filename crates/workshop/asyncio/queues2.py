"""A producer sends three orders and a sentinel, and a consumer stops at the sentinel."""

import asyncio

DONE = object()


async def waiter(queue):
    for order in ["soup", "fish", "cake"]:
        await asyncio.sleep(0.02)
        print(f"waiter sends {order}")
        await queue.put(order)
    print("waiter goes home")
    await queue.put(DONE)


async def cook(queue):
    while (order := await queue.get()) is not DONE:
        await asyncio.sleep(0.03)
        print(f"cook has cooked {order}")
    print("cook goes home")


async def main():
    queue = asyncio.Queue(1)
    tasks = [asyncio.create_task(waiter(queue)), asyncio.create_task(cook(queue))]
    await asyncio.gather(*tasks)


asyncio.run(main())
