"""A dictionary of task lists, with a semaphore for each team and a loop that cancels."""

# also compared with: at-once=1 patience=2s
# also compared with: at-once=2 patience=450ms

import asyncio
import os

AT_ONCE = int(os.environ.get("KNOB_AT_ONCE", 3))
PATIENCE = float(os.environ.get("KNOB_PATIENCE", 0.85))


# ANCHOR: teams
async def run_teams() -> list[list[int]]:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    teams = {"north": range(1, 4), "south": range(4, 7), "west": range(7, 10)}
    started = {name: start(jobs) for name, jobs in teams.items()}
    results = []
    for name, tasks in started.items():
        done = await done_by(deadline, tasks)
        pending = [task for task in tasks if not task.done()]
        for task in pending:
            task.cancel()
        print(f"{name}: {done} done, {len(pending)} cancelled")
        await asyncio.wait(tasks)
        results.append(done)
    return results


def start(jobs: range) -> list[asyncio.Task]:
    permits = asyncio.Semaphore(AT_ONCE)
    return [asyncio.create_task(job(n, permits)) for n in jobs]


async def done_by(deadline: float, tasks: list[asyncio.Task]) -> list[int]:
    left = deadline - asyncio.get_running_loop().time()
    done, _ = await asyncio.wait(tasks, timeout=max(left, 0))
    return [task.result() for task in tasks if task in done]


async def job(n: int, permits: asyncio.Semaphore) -> int:
    async with permits:
        await asyncio.sleep(0.1 * n)
        return n
# ANCHOR_END: teams


asyncio.run(run_teams())
