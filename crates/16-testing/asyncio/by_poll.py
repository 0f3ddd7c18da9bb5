"""A coroutine can be driven by hand, one wait at a time."""

import asyncio


async def main() -> None:
    # ANCHOR: by_poll
    permits = asyncio.Semaphore(0)
    first, second = permits.acquire(), permits.acquire()
    waits = [first.send(None), second.send(None)]
    woken = [str(wait.done()).lower() for wait in waits]
    print(f"both wait: woken are [{', '.join(woken)}]")

    permits.release()
    woken = [str(wait.done()).lower() for wait in waits]
    print(f"a permit comes: woken are [{', '.join(woken)}]")

    try:
        first.throw(asyncio.CancelledError())
    except asyncio.CancelledError:
        woken = str(waits[1].done()).lower()
        print(f"the first gives up: the second is woken: {woken}")

    try:
        second.send(None)
    except StopIteration:
        print("the second has the permit")
    # ANCHOR_END: by_poll


asyncio.run(main())
