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
            while let Ok((near, _)) = listener.accept().await {
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
            _ = position.wait_for(|position| *position == Position::Cut) => return,
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
            _ = position.wait_for(|position| *position == Position::Cut) => return,
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
