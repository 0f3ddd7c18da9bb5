//! A queue that waits, or that needs an acknowledgement, costs no more than one that does not.

use std::{cmp::Reverse, collections::BinaryHeap, hint::black_box, sync::Mutex};

use async_kit::{PriorityQueue, WorkQueue};
use tokio::{
    sync::Semaphore,
    task::{
        JoinSet,
        coop::{cooperative, unconstrained},
    },
};

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    let name = "priority queue: push and pop, 1,000 queued";
    // A heap without Tokio never yields to other tasks, so here the queue does not yield either.
    // (With an empty heap, where a push and a pop take 10 ns, any lock costs several times that.)
    let kit = |n| unconstrained(kit_priority(n, 1_000));
    bench.row(name, kit, |n| bare_heap(n, 1_000), Times(1.4));
    for queued in [0, 1_000] {
        let name = format!("priority queue: shared heap, {queued} queued");
        let kit = move |n| kit_priority(n, queued);
        bench.row(&name, kit, move |n| locked_heap(n, queued), Times(1.0));
    }
    for consumers in [1, 3] {
        let kit = move |n| work_queue(n, consumers);
        let name = format!("work queue: {consumers} consumers, both yield");
        bench.row(&name, kit, move |n| yielding_channel(n, consumers), Times(1.0));
        // The channel itself never yields to other tasks. So with two worker threads, one of them
        // runs both ends alternately and needs no wake-up, but no other task runs there.
        let name = format!("work queue: {consumers} consumers, only the kit's yields");
        bench.row(&name, kit, move |n| channel(n, consumers), Times(1.0));
    }
}

const CAPACITY: usize = 1000;

/// Random priorities, the same for both sides.
fn priorities() -> impl Iterator<Item = u32> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(move || random.u32(..1000))
}

async fn kit_priority(n: u64, queued: usize) {
    let queue = PriorityQueue::bounded(queued + 1);
    let mut priorities = priorities();
    for priority in priorities.by_ref().take(queued) {
        queue.push(priority, 0).await.expect("an open queue");
    }
    for (item, priority) in (0..n).zip(priorities) {
        queue.push(priority, item).await.expect("an open queue");
        black_box(queue.pop().await);
    }
}

/// A heap for one task: no lock, no FIFO order of equal priorities, no waiting.
async fn bare_heap(n: u64, queued: usize) {
    let mut heap = BinaryHeap::with_capacity(queued + 1);
    let mut priorities = priorities();
    heap.extend(priorities.by_ref().take(queued).map(|priority| Reverse((priority, 0))));
    for (item, priority) in (0..n).zip(priorities) {
        black_box(&mut heap).push(Reverse((priority, item)));
        black_box(heap.pop());
    }
}

/// A shared and bounded heap, written without the kit.
async fn locked_heap(n: u64, queued: usize) {
    let heap = Mutex::new(BinaryHeap::with_capacity(queued + 1));
    let (room, items) = (Semaphore::new(queued + 1), Semaphore::new(0));
    let mut priorities = priorities();
    let push = async |priority, item| {
        room.acquire().await.expect("an open semaphore").forget();
        heap.lock().expect("no panic").push(Reverse((priority, item)));
        items.add_permits(1);
    };
    for priority in priorities.by_ref().take(queued) {
        push(priority, 0).await;
    }
    for (item, priority) in (0..n).zip(priorities) {
        push(priority, item).await;
        items.acquire().await.expect("an open semaphore").forget();
        black_box(heap.lock().expect("no panic").pop());
        room.add_permits(1);
    }
}

async fn work_queue(n: u64, consumers: usize) {
    let queue = WorkQueue::<u64>::bounded(CAPACITY);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let queue = queue.clone();
        tasks.spawn(async move {
            while let Some(job) = queue.recv().await {
                black_box(job.done());
            }
        });
    }
    for item in 0..n {
        queue.send(item).await.expect("an open queue");
    }
    queue.close();
    tasks.join_all().await;
}

async fn channel(n: u64, consumers: usize) {
    let (sender, receiver) = async_channel::bounded(CAPACITY);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let receiver = receiver.clone();
        tasks.spawn(async move {
            while let Ok(item) = receiver.recv().await {
                black_box(item);
            }
        });
    }
    for item in 0..n {
        sender.send(item).await.expect("an open channel");
    }
    sender.close();
    tasks.join_all().await;
}

/// The channel, made to yield as Tokio's own primitives do.
async fn yielding_channel(n: u64, consumers: usize) {
    let (sender, receiver) = async_channel::bounded(CAPACITY);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let receiver = receiver.clone();
        tasks.spawn(async move {
            while let Ok(item) = cooperative(receiver.recv()).await {
                black_box(item);
            }
        });
    }
    for item in 0..n {
        cooperative(sender.send(item)).await.expect("an open channel");
    }
    sender.close();
    tasks.join_all().await;
}
