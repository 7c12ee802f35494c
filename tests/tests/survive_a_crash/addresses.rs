//! Numbers, and ports that outlive the process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use rand::RngExt as _;

/// Meta's id of the `n`th number.
pub(crate) fn number(n: usize) -> String {
    format!("{}", 100_000_000_000_700 + n)
}

/// As people read it.
pub(crate) fn display(n: usize) -> String {
    format!("+34 612 000 7{n:02}")
}

/// Where the simulator delivers to a server on this port.
pub(crate) fn webhooks(port: u16) -> String {
    format!("http://127.0.0.1:{port}/webhooks/meta")
}

/// A port that is free now and stays so while the server is down: below those that the system gives to connections.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = rand::rng().random_range(15_000..30_000);
        if TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok() {
            return port;
        }
    }
}
