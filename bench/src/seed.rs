//! Before statuses can be told, there must be messages that they concern.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::load::{self, Pace, Source};
use crate::server::Server;
use crate::traffic::Traffic;
use crate::webhook::Request;

/// Echoes in one POST.
const TOGETHER: u64 = 50;
const AS_LONG_AS_IT_TAKES: Duration = Duration::from_secs(3_600);

/// Requests made beforehand, so that making them costs the measured time nothing.
pub(crate) struct Stock {
    requests: RefCell<VecDeque<Rc<Request>>>,
}

impl Stock {
    pub(crate) fn new(requests: impl Iterator<Item = Request>) -> Self {
        Self {
            requests: RefCell::new(requests.map(Rc::new).collect()),
        }
    }
}

impl Source for Stock {
    fn next(&self) -> Option<Rc<Request>> {
        self.requests.borrow_mut().pop_front()
    }
}

/// Requests made as they are needed: for runs that would not fit into memory.
pub(crate) struct Stream {
    traffic: Rc<RefCell<Traffic>>,
    left: RefCell<u64>,
}

impl Stream {
    pub(crate) fn new(traffic: Rc<RefCell<Traffic>>, items: u64) -> Self {
        Self {
            traffic,
            left: RefCell::new(items),
        }
    }
}

impl Source for Stream {
    fn next(&self) -> Option<Rc<Request>> {
        let mut left = self.left.borrow_mut();
        *left = left.checked_sub(1)?;
        Some(Rc::new(self.traffic.borrow_mut().next(1)))
    }
}

/// Posts so many echoes that the traffic can tell statuses for `items` items, and waits until they are projected.
pub(crate) async fn sow(
    server: &Server,
    traffic: &Rc<RefCell<Traffic>>,
    items: u64,
) -> anyhow::Result<()> {
    let needed = traffic.borrow().seeds_needed_for(items);
    let posts = needed.div_ceil(TOGETHER);
    let stock = Stock::new((0..posts).map(|_| traffic.borrow_mut().seeds(TOGETHER)));
    post_all(server.address, Rc::new(stock)).await?;
    server.drained().await?;
    Ok(())
}

async fn post_all(address: SocketAddr, stock: Rc<Stock>) -> anyhow::Result<()> {
    load::run(
        address,
        32,
        stock,
        Pace::AsFastAsAnswered,
        AS_LONG_AS_IT_TAKES,
    )
    .await
    .map(drop)
}
