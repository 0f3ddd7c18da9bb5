//! The body of a scope can be called once: E0382
// ANCHOR: call_twice
pub async fn with_room<T>(room: &mut Room, meeting: impl AsyncFnOnce(&mut Room) -> T) {
    meeting(room).await;
    meeting(room).await; //~ value used here after move
}
// ANCHOR_END: call_twice

pub struct Room;
