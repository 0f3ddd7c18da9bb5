//! The queue is the one of the kit.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, WorkQueue, exercise, patterns::work_queue, say};
use futures::{FutureExt, future::join_all};
use tokio::{join, spawn, time::sleep};

/// The name of a tile.
type Tile = &'static str;

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue(WorkQueue<Tile>);

/// Arbitrary: more tiles than any map here has.
const CAPACITY: usize = 1000;

impl Queue {
    /// Each tile is delivered at most `attempts` times.
    fn new(attempts: u32) -> Self {
        Self(WorkQueue::bounded(CAPACITY).max_deliveries(attempts))
    }

    /// Adds a tile, or returns it if the queue is stopped.
    fn add(&self, tile: Tile) -> Result<(), Tile> {
        let sent = self.0.send(tile).now_or_never().expect("there is room");
        sent.map_err(|_| tile)
    }

    /// Waits for the next tile. `None` if the queue is stopped and there will never be one.
    async fn next(&self) -> Option<Delivery> {
        self.0.recv().await.map(Delivery)
    }

    /// Accepts no more tiles, and waits until each is done or a dead letter.
    async fn stop(&self) {
        self.0.close();
        self.0.join().await;
    }

    fn dead_letters(&self) -> Vec<Tile> {
        self.0.dead_letters()
    }
}

/// A tile, with the machine that renders it.
struct Delivery(work_queue::Job<Tile>);

impl Delivery {
    fn tile(&self) -> Tile {
        *self.0
    }

    /// The tile is rendered.
    fn done(self) {
        self.0.done();
    }
}

/// The render farm, and what it has seen. Do not change it.
#[derive(Default)]
struct Farm {
    /// Tiles that crash machines, and how many each of them crashes before a machine succeeds.
    crashes: Vec<(Tile, usize)>,
    begun: Mutex<Vec<Tile>>,
    rendered: Mutex<Vec<Tile>>,
}

impl Farm {
    fn new(crashes: &[(Tile, usize)]) -> Arc<Self> {
        Arc::new(Self { crashes: crashes.to_vec(), ..Self::default() })
    }

    /// Renders a tile in 50 ms, and the tile `ocean` in 100 s.
    async fn render(&self, tile: Tile) {
        let earlier = self.begun(tile);
        self.begun.lock().unwrap().push(tile);
        say!("begins {tile}");
        let time = if tile == "ocean" { 100.secs() } else { 50.ms() };
        sleep(time).step("render").await;
        if self.crashes.iter().any(|it| it.0 == tile && it.1 > earlier) {
            say!("crashes at {tile}");
            // A panic that prints nothing.
            resume_unwind(Box::new("a crash"));
        }
        say!("has rendered {tile}");
        self.rendered.lock().unwrap().push(tile);
    }

    fn begun(&self, tile: Tile) -> usize {
        self.begun.lock().unwrap().iter().filter(|it| **it == tile).count()
    }
}

/// A machine. Do not change it.
async fn machine(queue: Queue, farm: Arc<Farm>) {
    while let Some(delivery) = queue.next().await {
        farm.render(delivery.tile()).await;
        delivery.done();
    }
    say!("has no more tiles");
}

/// Runs the machines until each has ended. One that has crashed is started again. Do not change it.
async fn run_machines(count: usize, queue: Queue, farm: Arc<Farm>) {
    let start = async |number| {
        let name = format!("machine-{number}");
        while spawn(machine(queue.clone(), farm.clone()).lane(&name)).await.is_err() {}
    };
    join_all((1..=count).map(start)).await;
}

async fn run() -> (Vec<Tile>, Vec<Tile>) {
    let (queue, farm) = (Queue::new(3), Farm::new(&[("lake", 1), ("volcano", 9)]));
    for tile in ["hill", "lake", "volcano", "wood", "moor"] {
        queue.add(tile).expect("the queue is open");
    }
    join!(run_machines(2, queue.clone(), farm.clone()), async {
        sleep(60.ms()).await;
        queue.stop().await;
        say!("the queue has stopped");
    });
    let rendered = farm.rendered.lock().unwrap().clone();
    (rendered, queue.dead_letters())
}

fn main() {
    exercise::show(run());
}
