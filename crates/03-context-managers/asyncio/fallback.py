"""A synchronous `with` cannot await: it sends its clean-up to a task that can await."""

# also compared with: cleaning=40ms

import asyncio
import os

CLEANING = float(os.environ.get("KNOB_CLEANING", 0.03))
END = object()


# ANCHOR: fallback
async def clean(dropped: asyncio.Queue) -> None:
    while (author := await dropped.get()) is not END:
        await asyncio.sleep(CLEANING)
        print(f"cleaner has deleted the draft of {author}")
    print("cleaner ends")


class Draft:
    def __init__(self, author: str, dropped: asyncio.Queue) -> None:
        self.author, self.dropped = author, dropped
        self.published = False

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *error) -> None:
        if not self.published:
            self.dropped.put_nowait(self.author)

    async def publish(self) -> None:
        await asyncio.sleep(0.02)
        self.published = True
        print(f"{self.author} has published the draft")
# ANCHOR_END: fallback


async def write(author: str, writing: float, dropped: asyncio.Queue) -> None:
    with Draft(author, dropped) as draft:
        await asyncio.sleep(writing)
        if author == "bob":
            raise RuntimeError("bob has no more ideas")
        await draft.publish()


async def four_drafts(dropped: asyncio.Queue) -> None:
    drafts = {"ada": 0.01, "bob": 0.035, "cem": 0.09, "dai": 0.055}
    writers = [
        asyncio.create_task(write(author, writing, dropped))
        for author, writing in drafts.items()
    ]
    await asyncio.sleep(0.06)
    writers[2].cancel()
    writers[3].cancel()
    for result in await asyncio.gather(*writers, return_exceptions=True):
        if isinstance(result, RuntimeError):
            print(result)
    dropped.put_nowait(END)


async def main() -> None:
    dropped = asyncio.Queue()
    cleaner = asyncio.create_task(clean(dropped))
    await four_drafts(dropped)
    await cleaner


asyncio.run(main())
