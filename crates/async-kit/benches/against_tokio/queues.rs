//! A queue that waits, or that wants an acknowledgement, costs no more than one that does not.

use std::{cmp::Reverse, collections::BinaryHeap, hint::black_box};

use async_kit::{PriorityQueue, WorkQueue};
use tokio::task::JoinSet;

use crate::harness::{Bench, Times};

pub(crate) fn rows(bench: &mut Bench) {
    for held in [1, 1_000] {
        let name = format!("priority queue: push {held}, pop {held}");
        let kit = move |n| kit_priority(n, held);
        let peer = move |n| bare_heap(n, held);
        bench.row(&name, kit, peer, Times(1.4));
    }
    for consumers in [1, 3] {
        let name = format!("work queue: send, recv, done; {consumers} consumers");
        let kit = move |n| work_queue(n, consumers);
        let peer = move |n| channel(n, consumers);
        bench.row(&name, kit, peer, Times(1.0));
    }
}

const CAPACITY: usize = 1000;

/// Priorities as they come in life: no order in them, and the same for both sides.
fn priorities() -> impl Iterator<Item = u32> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(move || random.u32(..1000))
}

async fn kit_priority(n: u64, held: u64) {
    let queue = PriorityQueue::bounded(held as usize);
    let mut priorities = priorities();
    for _ in 0..n.div_ceil(held) {
        for (item, priority) in (0..held).zip(&mut priorities) {
            queue.push(priority, item).await.expect("an open queue");
        }
        for _ in 0..held {
            black_box(queue.pop().await);
        }
    }
}

async fn bare_heap(n: u64, held: u64) {
    let mut heap = BinaryHeap::new();
    let mut priorities = priorities();
    for _ in 0..n.div_ceil(held) {
        for (item, priority) in (0..held).zip(&mut priorities) {
            black_box(&mut heap).push(Reverse((priority, item)));
        }
        for _ in 0..held {
            black_box(heap.pop());
        }
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
