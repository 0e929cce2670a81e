//! Several calls at once, on the one thread there is.

use std::pin::Pin;
use std::task::Poll;

/// One future on its way to its output.
enum Slot<'a, T> {
    Waiting(Pin<Box<dyn Future<Output = T> + 'a>>),
    Done(T),
}

/// Runs all of them together; returns their outputs in the order they were given. For a handful of independent reads: it
/// asks every one again whenever one of them moves.
pub(crate) async fn all<'a, F: Future + 'a>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<'a, F::Output>> =
        futures.into_iter().map(|future| Slot::Waiting(Box::pin(future) as Pin<Box<dyn Future<Output = _>>>)).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for slot in &mut slots {
            if let Slot::Waiting(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Slot::Done(output),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    let done = |slot| match slot {
        Slot::Done(output) => Some(output),
        Slot::Waiting(_) => None,
    };
    slots.into_iter().filter_map(done).collect()
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn outputs_come_in_the_order_that_was_given() {
        let turns = std::cell::Cell::new(0);
        let turns = &turns;
        let after = |naps: u32| async move {
            for _ in 0..naps {
                tokio::task::yield_now().await;
                turns.set(turns.get() + 1);
            }
            naps
        };
        assert_eq!(super::all([3, 1, 2].map(after)).await, [3, 1, 2]);
        assert_eq!(turns.get(), 6);
        assert!(super::all(Vec::<std::future::Ready<()>>::new()).await.is_empty());
    }
}
