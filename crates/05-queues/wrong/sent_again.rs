//! A parcel that was sent cannot be sent again: E0382
// ANCHOR: sent_again
pub async fn until_sent(items: Sender<Parcel>, parcel: Parcel) {
    while items.send(parcel).await.is_err() {}
}
// ANCHOR_END: sent_again

pub struct Parcel(pub u32);

/// Takes its item as `tokio::sync::mpsc::Sender` does: by value.
pub struct Sender<T>(std::sync::mpsc::Sender<T>);

impl<T> Sender<T> {
    async fn send(&self, item: T) -> Result<(), ()> {
        self.0.send(item).map_err(|_| ())
    }
}
