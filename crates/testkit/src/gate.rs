//! A gate between the product and Meta: requests always pass, answers only while it is open.
//!
//! With it a story decides what happens between Meta's acceptance of a send and the answer's arrival.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Open,
    Closed,
    Cut,
    Away,
}

impl Position {
    /// Whether connections end now.
    fn ends(self) -> bool {
        matches!(self, Self::Cut | Self::Away)
    }
}

/// The gate. Clones are the same gate; it is open at first.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `http://host:port` of this side.
    pub url: String,
    position: Arc<watch::Sender<Position>>,
}

impl Gate {
    /// Puts a gate before `target` (`http://host:port`).
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(target: &str) -> Self {
        let target = target.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let position = Arc::new(watch::Sender::new(Position::Open));
        let doors = position.clone();
        tokio::spawn(async move {
            let (mut listener, mut seen) = (listener, doors.subscribe());
            loop {
                let near = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = async { seen.wait_for(|position| *position == Position::Away).await.map(drop).unwrap_or_default() } => {
                        drop(listener);
                        if seen.wait_for(|position| *position != Position::Away).await.is_err() {
                            return;
                        }
                        listener = TcpListener::bind(address).await.expect("the port is still free");
                        continue;
                    }
                };
                let Ok((near, _)) = near else { return };
                let Ok(far) = TcpStream::connect(&target).await else {
                    continue;
                };
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                let (out, back) = (doors.subscribe(), doors.subscribe());
                tokio::spawn(requests(near_read, far_write, out));
                tokio::spawn(answers(far_read, near_write, back));
            }
        });
        Self {
            url: format!("http://{address}"),
            position,
        }
    }

    /// Answers wait from now on.
    pub fn close(&self) {
        self.position.send_replace(Position::Closed);
    }

    /// Answers pass, those that waited too.
    pub fn open(&self) {
        self.position.send_replace(Position::Open);
    }

    /// Nobody listens here until [`Gate::back`]: connections end, and new ones are refused.
    pub async fn leave(&self) {
        self.position.send_replace(Position::Away);
        // As for `cut`; and the listener has to be gone before anybody knocks.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    /// Somebody listens again, and the gate is open.
    pub fn back(&self) {
        self.open();
    }

    /// Connections end, and the answers that waited on them are lost. New connections pass.
    pub async fn cut(&self) {
        self.position.send_replace(Position::Cut);
        // Both halves of every connection look at the position before they do anything else.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        self.position.send_replace(Position::Open);
    }
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut position: watch::Receiver<Position>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            _ = position.wait_for(|position| position.ends()) => return,
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(length) => {
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut position: watch::Receiver<Position>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            _ = position.wait_for(|position| position.ends()) => return,
        };
        let Ok(length @ 1..) = read else { return };
        let open = position
            .wait_for(|position| *position != Position::Closed)
            .await
            .is_ok_and(|position| *position == Position::Open);
        if !open || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
