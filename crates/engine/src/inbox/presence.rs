//! Who is looking at a conversation and who is typing. Nothing of it is kept: browsers repeat it, and who has
//! been silent for a while is gone. It is told within this process; colleagues who are connected to another
//! node do not see it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{ConversationId, TenantId, UserId};
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Who has not been heard of for so long is gone; browsers repeat it every 10 s.
pub const SILENCE: Duration = Duration::from_secs(15);
/// How often the silent ones are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// Signals that a slow listener may lag behind. Those that it misses are repeated anyway.
const BUFFER: usize = 1_024;

/// What somebody does in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// In which tenant.
    pub tenant: TenantId,
    /// In which conversation.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Whether they type.
    pub typing: bool,
    /// Whether they have left.
    pub gone: bool,
}

type Place = (TenantId, ConversationId, UserId);

/// Everybody's presence in this process. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Presence {
    live: broadcast::Sender<Arc<Signal>>,
    here: Arc<Mutex<HashMap<Place, (Signal, Instant)>>>,
}

/// A listener, from the moment of its making.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Arc<Signal>>);

impl Listener {
    /// The next signal in any tenant; `None` when the program ends.
    pub async fn next(&mut self) -> Option<Arc<Signal>> {
        loop {
            match self.0.recv().await {
                Ok(signal) => return Some(signal),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Presence {
    /// Starts looking for those who have fallen silent, until `stop`.
    pub fn start(stop: CancellationToken) -> Self {
        let (live, _) = broadcast::channel(BUFFER);
        let presence = Self {
            live,
            here: Arc::default(),
        };
        let sweeping = presence.clone();
        tokio::spawn(async move {
            while stop
                .run_until_cancelled(tokio::time::sleep(SWEEP))
                .await
                .is_some()
            {
                sweeping.sweep();
            }
        });
        presence
    }

    /// Somebody says what they do. Only what is new to others is told.
    pub fn report(&self, signal: Signal) {
        let place = (signal.tenant, signal.conversation, signal.user);
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if signal.gone {
            here.remove(&place).map(|(before, _)| before)
        } else {
            let entry = (signal.clone(), Instant::now());
            here.insert(place, entry).map(|(before, _)| before)
        };
        drop(here);
        let news = if signal.gone {
            before.is_some()
        } else {
            before.as_ref() != Some(&signal)
        };
        if news {
            self.live.send(Arc::new(signal)).ok();
        }
    }

    /// Listens from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.live.subscribe())
    }

    /// Who is there in a tenant's conversations now.
    pub fn now_in(&self, tenant: TenantId) -> Vec<Signal> {
        let here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = here.values().filter(|(signal, _)| signal.tenant == tenant);
        ours.map(|(signal, _)| signal.clone()).collect()
    }

    fn sweep(&self) {
        let mut silent = Vec::new();
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.retain(|_, (signal, heard)| {
            let stays = heard.elapsed() < SILENCE;
            if !stays {
                silent.push(Signal {
                    typing: false,
                    gone: true,
                    ..signal.clone()
                });
            }
            stays
        });
        drop(here);
        for signal in silent {
            self.live.send(Arc::new(signal)).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn signal(typing: bool) -> Signal {
        let now = Timestamp(1_764_500_000_000_000);
        Signal {
            tenant: TenantId::new(now),
            conversation: ConversationId::new(now),
            user: UserId::new(now),
            name: "Ana".to_owned(),
            typing,
            gone: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_falls_silent_is_gone_after_fifteen_seconds() {
        let stop = CancellationToken::new();
        let presence = Presence::start(stop.clone());
        let mut listener = presence.listen();
        let typing = signal(true);
        presence.report(typing.clone());
        presence.report(typing.clone());
        assert_eq!(listener.next().await.as_deref(), Some(&typing));
        let begun = Instant::now();
        let gone = listener.next().await.unwrap();
        assert!(
            gone.gone && !gone.typing,
            "repeating told nothing: {gone:?}"
        );
        let after = begun.elapsed();
        assert!(
            after >= SILENCE && after <= SILENCE + 2 * SWEEP,
            "gone after {after:?}"
        );
        assert_eq!(presence.now_in(typing.tenant), []);
        stop.cancel();
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_is_gone_at_once_and_only_once() {
        let stop = CancellationToken::new();
        let presence = Presence::start(stop.clone());
        let mut listener = presence.listen();
        let here = signal(false);
        let gone = Signal {
            gone: true,
            ..here.clone()
        };
        presence.report(gone.clone());
        presence.report(here.clone());
        assert_eq!(presence.now_in(here.tenant), std::slice::from_ref(&here));
        presence.report(gone.clone());
        presence.report(gone.clone());
        assert_eq!(listener.next().await.as_deref(), Some(&here));
        assert_eq!(listener.next().await.as_deref(), Some(&gone));
        assert!(
            tokio::time::timeout(4 * SILENCE, listener.next())
                .await
                .is_err()
        );
        stop.cancel();
    }
}
