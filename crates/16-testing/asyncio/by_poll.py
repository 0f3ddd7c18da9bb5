"""A coroutine can be driven by hand, one wait at a time."""

import asyncio


async def main() -> None:
    # ANCHOR: by_poll
    permits = asyncio.Semaphore(0)
    first, second = permits.acquire(), permits.acquire()
    of_first, of_second = first.send(None), second.send(None)
    assert not of_first.done() and not of_second.done()
    print("both futures wait, and neither is woken")

    permits.release()
    assert of_first.done() and not of_second.done()
    print("a permit is added: the first is woken")

    try:
        first.throw(asyncio.CancelledError())
    except asyncio.CancelledError:
        assert of_second.done()
        print("the first is dropped: the second is woken")

    try:
        second.send(None)
    except StopIteration:
        print("the second has the permit")
    # ANCHOR_END: by_poll


asyncio.run(main())
