//! A file that somebody uploads for sending: sniffed and measured while it comes, kept, and given to Meta.

use std::collections::VecDeque;
use std::time::Duration;

use domain::{MediaId, TenantId, Timestamp, UserId};
use store::media::{accounts, uploads};
use store::tenants;

use super::keep::{self, NotKept};
use super::kind::{self, Kind};
use super::mend;
use super::outgoing::{NotGiven, given};
use super::spool::{HEAD, Spool};
use super::whole;
use crate::Engine;
use crate::shared_account::{Access, Unreached, access};

const MINUTE: Duration = Duration::from_secs(60);

/// A file that is coming in. It is gone when this is dropped.
pub struct Incoming {
    engine: Engine,
    tenant: TenantId,
    by: Option<UserId>,
    access: Access,
    spool: Spool,
    name: String,
    declared: String,
    kind: Option<Kind>,
    _turn: Turn,
}

/// What was uploaded.
#[derive(Debug)]
pub struct Uploaded {
    /// Our id.
    pub id: MediaId,
    /// Meta's id for the tenant's number; none while Meta could not be reached: it is given the file when it is sent.
    pub meta_id: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether it is another file than came in, because WhatsApp would not have taken that.
    pub converted: bool,
}

/// Why a file was not uploaded.
#[derive(Debug, thiserror::Error)]
pub enum NotUploaded {
    /// WhatsApp does not take such files.
    #[error("{}", .0)]
    WrongKind(String),
    /// Nothing came.
    #[error("is empty")]
    Empty,
    /// It is too large for what it is.
    #[error("is too large: {} may have {} bytes at most ({})", .0.mime_type, .0.max_bytes, keep::size(.0.max_bytes))]
    TooLarge(Kind),
    /// The tenant is suspended.
    #[error("this business is suspended and cannot upload files")]
    Suspended,
    /// The tenant has switched WhatsApp off.
    #[error("WhatsApp is switched off for this business; it can be switched on in the settings")]
    SwitchedOff,
    /// More than the tenant may upload at once or a minute.
    #[error("too many files at a time; wait a moment")]
    TooMany(Duration),
    /// It could not be kept.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// Meta could not be asked, or refused.
    #[error(transparent)]
    Unreached(#[from] Unreached),
}

impl From<std::io::Error> for NotUploaded {
    fn from(error: std::io::Error) -> Self {
        Self::NotKept(error.into())
    }
}

/// What a tenant uploads at the moment, and has uploaded within a minute.
#[derive(Debug, Default)]
pub(super) struct Pace {
    under_way: usize,
    begun: VecDeque<Timestamp>,
}

/// The right to upload one file; given back when this is dropped.
struct Turn(Engine, TenantId);

impl Turn {
    fn take(engine: &Engine, tenant: TenantId) -> Result<Self, NotUploaded> {
        let now = engine.clock.now();
        let mut all = engine.media.uploading();
        let idle = |pace: &Pace| {
            let last = pace.begun.back();
            pace.under_way == 0 && last.is_none_or(|at| now.since(*at) >= MINUTE)
        };
        all.retain(|_, pace| !idle(pace));
        let pace = all.entry(tenant).or_default();
        while pace
            .begun
            .front()
            .is_some_and(|at| now.since(*at) >= MINUTE)
        {
            pace.begun.pop_front();
        }
        if pace.under_way >= engine.media.config.uploads {
            return Err(NotUploaded::TooMany(Duration::from_secs(5)));
        }
        if pace.begun.len() >= engine.media.config.uploads_per_minute as usize {
            let first = pace.begun.front().map_or(MINUTE, |at| now.since(*at));
            return Err(NotUploaded::TooMany(MINUTE.saturating_sub(first)));
        }
        pace.under_way += 1;
        pace.begun.push_back(now);
        Ok(Self(engine.clone(), tenant))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(pace) = self.0.media.uploading().get_mut(&self.1) {
            pace.under_way = pace.under_way.saturating_sub(1);
        }
    }
}

impl Incoming {
    /// A file of this name, and of this type as its sender says, for a tenant that may upload one. `by` is the person
    /// who sends it; none for a system with a key.
    ///
    /// # Errors
    /// [`NotUploaded`].
    pub async fn begin(
        engine: &Engine,
        tenant: TenantId,
        by: Option<UserId>,
        name: &str,
        declared: &str,
    ) -> Result<Self, NotUploaded> {
        let away = |error: store::DbError| NotUploaded::Unreached(error.into());
        let owner = tenants::get(&engine.db, tenant).await.map_err(away)?;
        let owner = owner.ok_or(Unreached::NoNumber)?;
        if owner.status != "active" {
            return Err(NotUploaded::Suspended);
        }
        if !owner.whatsapp_enabled {
            return Err(NotUploaded::SwitchedOff);
        }
        let access = access::of_tenant(engine, tenant).await?;
        let turn = Turn::take(engine, tenant)?;
        let account = accounts::get(&engine.db, tenant).await.map_err(away)?;
        keep::within(engine, &account, 1)?;
        Ok(Self {
            spool: Spool::new(&engine.media.files)?,
            engine: engine.clone(),
            tenant,
            by,
            access,
            name: name.to_owned(),
            declared: declared.to_owned(),
            kind: None,
            _turn: turn,
        })
    }

    /// The next piece. What cannot be sent is refused as soon as that is known.
    ///
    /// # Errors
    /// [`NotUploaded`].
    pub async fn push(&mut self, piece: &[u8]) -> Result<(), NotUploaded> {
        self.spool.push(piece).await?;
        if self.spool.head.len() >= HEAD {
            self.check()?;
        }
        Ok(())
    }

    fn check(&mut self) -> Result<Kind, NotUploaded> {
        let kind = match self.kind {
            Some(kind) => kind,
            None => kind::of(&self.spool.head, &self.declared, &self.name)
                .ok_or_else(|| NotUploaded::WrongKind(kind::why_not(&self.spool.head)))?,
        };
        self.kind = Some(kind);
        let most = if kind.mime_type.starts_with("image/") {
            mend::MOST.max(kind.max_bytes)
        } else {
            kind.max_bytes
        };
        if self.spool.bytes > most {
            return Err(NotUploaded::TooLarge(kind));
        }
        Ok(kind)
    }

    /// The file is here whole: it is kept, and given to Meta.
    ///
    /// # Errors
    /// [`NotUploaded`].
    pub async fn finish(mut self) -> Result<Uploaded, NotUploaded> {
        if self.spool.bytes == 0 {
            return Err(NotUploaded::Empty);
        }
        let mut kind = self.check()?;
        kind = self.whole(kind).await?;
        let fault = mend::fault(kind, &self.spool.head, self.spool.bytes);
        if let Some(fault) = fault {
            kind = self.mend(kind, fault).await?;
        }
        let name = kind::named(&self.name, kind.mime_type);
        let (engine, tenant) = (&self.engine, self.tenant);
        let kept = keep::keep(engine, tenant, &mut self.spool, kind.kind, kind.mime_type).await?;
        let now = engine.clock.now();
        let new = uploads::New {
            id: MediaId::new(now),
            sha256: kept.sha256,
            kind: kind.kind,
            mime_type: kind.mime_type,
            name: &name,
            bytes: kept.bytes,
            by: self.by,
        };
        let away = |error: store::DbError| NotUploaded::Unreached(error.into());
        let mut tx = engine.db.begin().await.map_err(away)?;
        keep::finish(engine, &mut tx, tenant, &kept).await?;
        uploads::add(&mut tx, tenant, &new, now)
            .await
            .map_err(away)?;
        tx.commit().await.map_err(away)?;
        let meta_id = self.give(new.id).await?;
        Ok(Uploaded {
            id: new.id,
            meta_id,
            kind,
            bytes: self.spool.bytes,
            converted: fault.is_some(),
            name,
        })
    }

    /// Gives it to Meta now, so that the first send does not wait for it.
    async fn give(&self, id: MediaId) -> Result<Option<String>, NotUploaded> {
        let engine = &self.engine;
        let upload = uploads::get(&engine.db, self.tenant, id).await;
        let Some(upload) = upload.map_err(Unreached::from)? else {
            return Ok(None);
        };
        let Access { number, token } = &self.access;
        match given(engine, token, self.tenant, &number.phone_number_id, &upload).await {
            Ok(id) => Ok(Some(id)),
            // What Meta refuses for good now, it would refuse in the message.
            Err(NotGiven::Refused(error)) if !error.is_transient && error.http_status < 500 => {
                let refused = meta::graph::GraphCallError::Refused(error);
                Ok(self
                    .access
                    .heeded(engine, Err(refused))
                    .map_err(Unreached::Meta)?)
            }
            Err(error) => {
                tracing::info!(error = ?error, "a file waits to be given to WhatsApp until it is sent");
                Ok(None)
            }
        }
    }

    /// What it is, now that its end is here as well.
    async fn whole(&mut self, kind: Kind) -> Result<Kind, NotUploaded> {
        let file = self.spool.reader().await?.into_std().await;
        let checked = self
            .engine
            .media
            .decoding(move || whole::checked(file, kind))
            .await;
        checked.map_err(NotUploaded::WrongKind)
    }

    async fn mend(&mut self, kind: Kind, fault: mend::Fault) -> Result<Kind, NotUploaded> {
        let file = self.spool.reader().await?.into_std().await;
        let mended = self
            .engine
            .media
            .decoding(move || mend::mended(file, fault))
            .await;
        let (bytes, mime_type) = match mended {
            Ok(mended) => mended,
            // As it is, then, where only the colours are unusual: Meta has the last word.
            Err(_) if fault == mend::Fault::Colours => return Ok(kind),
            Err(why) => {
                tracing::info!(why = %why, "a picture could not be mended");
                return Err(NotUploaded::TooLarge(kind));
            }
        };
        self.spool = Spool::new(&self.engine.media.files)?;
        self.spool.push(&bytes).await?;
        Ok(kind::of(&self.spool.head, mime_type, &self.name).unwrap_or(kind))
    }
}
