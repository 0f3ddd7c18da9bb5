"""A request carries a future; if the clerk does not resolve it, its client waits forever."""

import asyncio


# ANCHOR: answers
async def request(name: str, clerk: asyncio.Queue, number: int) -> None:
    reply = asyncio.get_running_loop().create_future()
    await clerk.put((number, reply))
    try:
        square = await reply
        print(f"{name} gets the reply: {number} times {number} is {square}")
    except LookupError:
        print(f"{name} gets no reply")


async def serve(requests: asyncio.Queue) -> None:
    while True:
        number, reply = await requests.get()
        if reply.cancelled():
            print(f"clerk skips {number}: its client has timed out")
            continue
        await asyncio.sleep(0.03)
        if reply.cancelled():
            continue
        if number < 10:
            reply.set_result(number * number)
        else:
            reply.set_exception(LookupError(number))
# ANCHOR_END: answers


async def request_briefly(name: str, clerk: asyncio.Queue, number: int) -> None:
    try:
        async with asyncio.timeout(0.02):
            await request(name, clerk, number)
    except TimeoutError:
        print(f"{name} times out")


async def main() -> None:
    clerk = asyncio.Queue(8)
    serving = asyncio.create_task(serve(clerk))
    async with asyncio.TaskGroup() as group:
        group.create_task(request("ann", clerk, 2))
        group.create_task(request_briefly("bob", clerk, 3))
        group.create_task(request("cid", clerk, 13))
    serving.cancel()


asyncio.run(main())
