//! The tiles are in a channel, and a received tile is no longer in it.
//! message: `drop` runs on every exit, also on a panic or an abort.

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use futures::future::join_all;
use tokio::{
    join, spawn,
    sync::{self, mpsc},
    time::sleep,
};

/// The name of a tile.
type Tile = &'static str;

#[derive(Clone)]
struct Queue {
    sender: Arc<Mutex<Option<mpsc::UnboundedSender<Tile>>>>,
    receiver: Arc<sync::Mutex<mpsc::UnboundedReceiver<Tile>>>,
}

impl Queue {
    fn new(_attempts: u32) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        Self { sender, receiver: Arc::new(sync::Mutex::new(receiver)) }
    }

    fn add(&self, tile: Tile) -> Result<(), Tile> {
        let sender = self.sender.lock().unwrap();
        sender.as_ref().ok_or(tile)?.send(tile).map_err(|error| error.0)
    }

    async fn next(&self) -> Option<Delivery> {
        let tile = self.receiver.lock().await.recv().await?;
        Some(Delivery { tile })
    }

    async fn stop(&self) {
        *self.sender.lock().unwrap() = None;
    }

    fn dead_letters(&self) -> Vec<Tile> {
        Vec::new()
    }
}

struct Delivery {
    tile: Tile,
}

impl Delivery {
    fn tile(&self) -> Tile {
        self.tile
    }

    fn done(self) {}
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
