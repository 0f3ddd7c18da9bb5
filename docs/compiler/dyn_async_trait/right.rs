//! A boxed future has the same type for every sensor.

use futures::future::BoxFuture;

#[tokio::main]
async fn main() {
    let sensors: [Box<dyn Sensor>; 1] = [Box::new(Fixed(21))];
    for sensor in sensors {
        println!("{}", sensor.read().await);
    }
}

trait Sensor {
    fn read(&self) -> BoxFuture<'_, u32>;
}

struct Fixed(u32);

impl Sensor for Fixed {
    fn read(&self) -> BoxFuture<'_, u32> {
        Box::pin(async { self.0 })
    }
}
