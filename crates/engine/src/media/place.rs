//! Where the bytes lie: a folder, or a bucket that speaks S3. A content is `{tenant}/{ab}/{sha256}`, its thumbnail
//! stands beside it. Nothing is shared between tenants.

use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::{TenantId, Timestamp};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use secrecy::{ExposeSecret as _, SecretString};
use store::media::Digest;
use tokio::io::AsyncReadExt as _;

/// Up to this size a content is written at once, above it in parts of this size.
const PART: usize = 8 << 20;
/// Parts of one content that are under way.
const PARTS: usize = 2;

/// Where files are kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// In a bucket that speaks S3.
    S3(Bucket),
}

/// A bucket that speaks S3.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What keys begin with; may be empty.
    pub prefix: String,
    /// `https://…` of the service; none: Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// Who asks; none: what the machine's role gives.
    pub access_key_id: Option<String>,
    /// The key's secret.
    pub secret_access_key: Option<SecretString>,
}

impl Place {
    /// Reads `folder:PATH` or `s3://bucket/prefix`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("folder:") {
            return if path.is_empty() {
                Err("names no folder: write folder:PATH".to_owned())
            } else {
                Ok(Self::Folder(path.into()))
            };
        }
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err("must be folder:PATH or s3://BUCKET/PREFIX".to_owned());
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Err("names no bucket: write s3://BUCKET/PREFIX".to_owned());
        }
        Ok(Self::S3(Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key_id: None,
            secret_access_key: None,
        }))
    }
}

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not have what was asked for.
    #[error("the file is not where it was kept")]
    Missing,
    /// It cannot be reached, is full, or refuses.
    #[error("the file store refuses: {0}")]
    Refused(String),
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

/// The bytes of a range, piece by piece.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

/// Something that lies in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lying {
    pub(crate) tenant: TenantId,
    pub(crate) sha256: Digest,
    /// When it was written.
    pub(crate) at: Timestamp,
}

/// The open store. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    store: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    pub(crate) root: Option<PathBuf>,
}

impl Files {
    /// Opens the store; makes the folder where it is missing.
    pub(crate) fn open(place: &Place) -> Result<Self, StoreError> {
        match place {
            Place::Folder(path) => {
                std::fs::create_dir_all(path)?;
                let root = path.canonicalize()?;
                // What is said to be stored survives a power cut.
                let folder = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
                Ok(Self {
                    store: Arc::new(folder),
                    root: Some(root),
                })
            }
            Place::S3(bucket) => {
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(&bucket.name)
                    .with_region(&bucket.region);
                if let Some(endpoint) = &bucket.endpoint {
                    let plain = endpoint.starts_with("http://");
                    builder = builder.with_endpoint(endpoint).with_allow_http(plain);
                }
                if let (Some(id), Some(secret)) = (&bucket.access_key_id, &bucket.secret_access_key)
                {
                    builder = builder
                        .with_access_key_id(id)
                        .with_secret_access_key(secret.expose_secret());
                }
                let store: Arc<dyn ObjectStore> = Arc::new(builder.build()?);
                let store = if bucket.prefix.is_empty() {
                    store
                } else {
                    Arc::new(PrefixStore::new(store, bucket.prefix.as_str()))
                };
                Ok(Self { store, root: None })
            }
        }
    }

    /// Writes a content; durable when this returns.
    pub(crate) async fn put(
        &self,
        tenant: TenantId,
        sha256: Digest,
        mut file: tokio::fs::File,
        bytes: u64,
    ) -> Result<(), StoreError> {
        let key = key(tenant, sha256);
        if bytes <= PART as u64 {
            let mut whole = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
            file.read_to_end(&mut whole).await?;
            self.store.put(&key, whole.into()).await?;
            return Ok(());
        }
        let upload = self.store.put_multipart(&key).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        let written = async {
            let mut piece = vec![0; 1 << 20];
            loop {
                let read = file.read(&mut piece).await?;
                if read == 0 {
                    return Ok::<_, StoreError>(());
                }
                upload.wait_for_capacity(PARTS).await?;
                upload.write(&piece[..read]);
            }
        };
        match written.await {
            Ok(()) => {
                upload.finish().await?;
                Ok(())
            }
            Err(error) => {
                upload.abort().await.ok();
                Err(error)
            }
        }
    }

    /// Writes the thumbnail of a content.
    pub(crate) async fn put_thumbnail(
        &self,
        tenant: TenantId,
        sha256: Digest,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        let key = thumbnail_key(tenant, sha256);
        self.store.put(&key, bytes.into()).await?;
        Ok(())
    }

    /// The bytes of a content between two places.
    pub(crate) async fn read(
        &self,
        tenant: TenantId,
        sha256: Digest,
        range: Range<u64>,
    ) -> Result<Pieces, StoreError> {
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&key(tenant, sha256), options).await?;
        Ok(found.into_stream().map_err(StoreError::from).boxed())
    }

    /// The thumbnail of a content.
    pub(crate) async fn thumbnail(
        &self,
        tenant: TenantId,
        sha256: Digest,
    ) -> Result<Bytes, StoreError> {
        let found = self.store.get(&thumbnail_key(tenant, sha256)).await?;
        Ok(found.bytes().await?)
    }

    /// Removes a content with its thumbnail, and what a crash left of writing it.
    pub(crate) async fn remove(&self, tenant: TenantId, sha256: Digest) -> Result<(), StoreError> {
        for key in [key(tenant, sha256), thumbnail_key(tenant, sha256)] {
            match self.store.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(root) = &self.root {
                remove_staged(&root.join(key.as_ref())).await;
            }
        }
        Ok(())
    }

    /// Everything that lies in the store.
    pub(crate) fn all(&self) -> BoxStream<'static, Result<Lying, StoreError>> {
        self.store
            .list(None)
            .map_err(StoreError::from)
            .try_filter_map(|object| async move {
                let at = Timestamp(object.last_modified.timestamp_micros());
                let found = owner(&object.location);
                Ok(found.map(|(tenant, sha256)| Lying { tenant, sha256, at }))
            })
            .boxed()
    }
}

/// A folder's file is written beside its place, as `NAME#1`, and renamed.
async fn remove_staged(path: &FilePath) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let beginning = format!("{}#", name.to_string_lossy());
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        if entry.file_name().to_string_lossy().starts_with(&beginning) {
            tokio::fs::remove_file(entry.path()).await.ok();
        }
    }
}

fn key(tenant: TenantId, sha256: Digest) -> Path {
    let digest = hex::encode(sha256);
    Path::from(format!("{}/{}/{digest}", tenant.hex(), &digest[..2]))
}

fn thumbnail_key(tenant: TenantId, sha256: Digest) -> Path {
    Path::from(format!("{}.thumbnail", key(tenant, sha256)))
}

fn owner(location: &Path) -> Option<(TenantId, Digest)> {
    let mut parts = location.parts();
    let tenant = format!("{}_{}", TenantId::PREFIX, parts.next()?.as_ref());
    let name = parts.nth(1)?.as_ref().to_owned();
    let digest = name.strip_suffix(".thumbnail").unwrap_or(&name);
    let mut sha256 = Digest::default();
    hex::decode_to_slice(digest, &mut sha256).ok()?;
    Some((tenant.parse().ok()?, sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        let Ok(Place::S3(bucket)) = Place::parse("s3://files/whatsapp/") else {
            panic!("a bucket with a prefix is refused");
        };
        assert_eq!((&*bucket.name, &*bucket.prefix), ("files", "whatsapp"));
        assert!(matches!(
            Place::parse("folder:/srv/media"),
            Ok(Place::Folder(_))
        ));
        for wrong in ["", "folder:", "s3://", "/srv/media", "gs://a"] {
            assert!(Place::parse(wrong).is_err(), "{wrong:?} is taken");
        }
    }

    #[test]
    fn a_key_names_tenant_and_content() {
        let tenant = TenantId::new(Timestamp::from_seconds(1));
        for key in [key(tenant, [7; 32]), thumbnail_key(tenant, [7; 32])] {
            assert_eq!(owner(&key), Some((tenant, [7; 32])), "{key}");
        }
        assert_eq!(owner(&Path::from("lost+found/a")), None);
    }
}
