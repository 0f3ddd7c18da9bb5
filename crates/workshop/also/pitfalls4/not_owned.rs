//! The widget does not own the task, which ends by itself when the widget is gone.

use std::sync::Arc;

use async_kit::{
    Lane, Millis,
    exercise::{self, Counted, Tally},
    say,
};
use tokio::time::sleep;

/// It is counted as long as it is in memory.
struct Widget {
    city: &'static str,
    _in_memory: Counted,
}

impl Widget {
    fn open(city: &'static str, widgets: &Tally) -> Arc<Self> {
        let _in_memory = widgets.track();
        let widget = Arc::new(Self { city, _in_memory });
        let weak = Arc::downgrade(&widget);
        let refreshing = async move {
            loop {
                sleep(20.ms()).await;
                match weak.upgrade() {
                    Some(widget) => widget.refresh(),
                    None => break,
                }
            }
        };
        tokio::spawn(refreshing.lane(city));
        widget
    }

    fn refresh(&self) {
        say!("shows the weather of {}", self.city);
    }
}

/// Opens two widgets, one after the other, and returns how many are left in memory. Given code: do
/// not change it.
async fn run(widgets: Tally) -> usize {
    for city in ["Oslo", "Rome"] {
        let widget = Widget::open(city, &widgets);
        sleep(50.ms()).await;
        drop(widget);
        say!("closes {city}: {} widgets are in memory", widgets.alive());
    }
    sleep(60.ms()).await;
    widgets.alive()
}

fn main() {
    exercise::show(run(Tally::default()));
}
