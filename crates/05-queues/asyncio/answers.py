"""A question carries a future; the clerk has to resolve or cancel each, or its asker hangs."""

import asyncio


# ANCHOR: answers
async def ask(name: str, desk: asyncio.Queue, number: int) -> None:
    answer = asyncio.get_running_loop().create_future()
    await desk.put((number, answer))
    try:
        print(f"{name} {number} times {number} is {await answer}")
    except LookupError:
        print(f"{name} no answer will come")


async def work(desk: asyncio.Queue) -> None:
    while True:
        number, answer = await desk.get()
        if answer.cancelled():
            print(f"clerk nobody waits for {number} any more")
            continue
        await asyncio.sleep(0.03)
        if answer.cancelled():
            continue
        if number < 10:
            answer.set_result(number * number)
        else:
            answer.set_exception(LookupError(number))
# ANCHOR_END: answers


async def give_up_on(name: str, desk: asyncio.Queue, number: int) -> None:
    try:
        async with asyncio.timeout(0.02):
            await ask(name, desk, number)
    except TimeoutError:
        print(f"{name} gives up")


async def main() -> None:
    desk = asyncio.Queue(8)
    clerk = asyncio.create_task(work(desk))
    async with asyncio.TaskGroup() as group:
        group.create_task(ask("ann", desk, 2))
        group.create_task(give_up_on("bob", desk, 3))
        group.create_task(ask("cid", desk, 13))
    clerk.cancel()


asyncio.run(main())
