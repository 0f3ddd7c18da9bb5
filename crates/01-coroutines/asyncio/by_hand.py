"""A coroutine is an object with a `send` method, which you could write yourself."""

import asyncio


# ANCHOR: by_compiler
async def by_compiler() -> str:
    print("compiled future starts")
    await asyncio.sleep(0.1)
    print("compiled future continues")
    return "done"
# ANCHOR_END: by_compiler


# ANCHOR: by_hand
class ByHand:
    """What the function above becomes: a state, and a `send` that continues from it."""

    def __await__(self):
        self.state = "unstarted"
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        if self.state == "unstarted":
            print("handwritten future starts")
            self.timer = asyncio.sleep(0.1).__await__()
            self.state = "waiting"
        try:
            return next(self.timer)
        except StopIteration:
            print("handwritten future continues")
            raise StopIteration("done")
# ANCHOR_END: by_hand


async def run_by_hand() -> str:
    return await ByHand()


async def main() -> None:
    one = asyncio.create_task(by_compiler())
    two = asyncio.create_task(run_by_hand())
    one, two = await one, await two
    print(f'they return "{one}" and "{two}"')


asyncio.run(main())
