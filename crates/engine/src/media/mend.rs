//! Pictures that WhatsApp does not take as they are, made such that it does: too large ones become smaller, PNGs of
//! other colours than 8-bit RGB get these, and photos in WebP (which WhatsApp takes for stickers only) become JPEG.
//! Sound and video are not touched: what would do that well is no library.

use image::DynamicImage;
use image::codecs::png::PngEncoder;
use meta::limits;

use super::kind::Kind;
use super::thumbnail::{decode, jpeg};

/// A picture larger than this is not mended but refused.
pub(super) const MOST: u64 = 25 << 20;
/// Sides and qualities that are tried, until it is small enough.
const TRIES: [(u32, u8); 4] = [(8_192, 90), (4_096, 85), (2_560, 80), (1_600, 75)];

/// What is in the way of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// More bytes than it may have.
    Large,
    /// A PNG that is not 8-bit RGB or RGBA.
    Colours,
}

/// What is wrong with a picture; none: nothing, or it is no picture.
pub(super) fn fault(kind: Kind, head: &[u8], bytes: u64) -> Option<Fault> {
    match kind.mime_type {
        "image/jpeg" | "image/png" | "image/webp" if bytes > kind.max_bytes => Some(Fault::Large),
        // IHDR is always first: bit depth and colour type are its ninth and tenth bytes.
        "image/png" if head.get(12..16) == Some(b"IHDR") => {
            let plain = matches!(head.get(24..26), Some([8, 2 | 6]));
            (!plain).then_some(Fault::Colours)
        }
        _ => None,
    }
}

/// The picture as WhatsApp takes it, and its type.
pub(super) fn mended(file: std::fs::File, fault: Fault) -> Result<(Vec<u8>, &'static str), String> {
    let picture = decode(file)?;
    if fault == Fault::Colours {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new(&mut bytes);
        let written = if picture.color().has_alpha() {
            DynamicImage::from(picture.to_rgba8()).write_with_encoder(encoder)
        } else {
            DynamicImage::from(picture.to_rgb8()).write_with_encoder(encoder)
        };
        if written.is_ok() && bytes.len() as u64 <= limits::IMAGE_MAX_BYTES {
            return Ok((bytes, "image/png"));
        }
    }
    for (side, quality) in TRIES {
        let bytes = if picture.width() > side || picture.height() > side {
            let small = picture.resize(side, side, image::imageops::FilterType::Triangle);
            jpeg(&small, quality)
        } else {
            jpeg(&picture, quality)
        };
        if let Some(bytes) = bytes
            && bytes.len() as u64 <= limits::IMAGE_MAX_BYTES
        {
            return Ok((bytes, "image/jpeg"));
        }
    }
    Err("cannot be made small enough".to_owned())
}
