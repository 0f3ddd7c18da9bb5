//! The compiler reports: E0038

#[tokio::main]
async fn main() {
    let sensors: [Box<dyn Sensor>; 1] = [Box::new(Fixed(21))];
    for sensor in sensors {
        println!("{}", sensor.read().await);
    }
}

trait Sensor {
    async fn read(&self) -> u32;
}

struct Fixed(u32);

impl Sensor for Fixed {
    async fn read(&self) -> u32 {
        self.0
    }
}
