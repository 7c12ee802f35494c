//! Small pictures of pictures. What is decoded comes from strangers: one at a time, away from the threads that serve,
//! with limits on what it may unfold to, and a file that cannot be read simply has no thumbnail.

use std::io::{BufReader, Cursor};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use store::media::files::Looks;

/// Pixels of the longer side.
const SIDE: u32 = 320;
/// A picture of more pixels is not looked at.
const MOST_PIXELS: u64 = 40_000_000;
/// Bytes that decoding may take.
const MOST_MEMORY: u64 = 192 << 20;
/// Of a JPEG.
const QUALITY: u8 = 78;

/// A thumbnail and what else was seen.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) looks: Looks,
    pub(super) bytes: Option<Vec<u8>>,
}

/// Looks at a picture (JPEG, PNG, WebP; of a moving one the first frame). Takes a core for up to a second.
pub(super) fn look(file: std::fs::File) -> Result<Seen, String> {
    let picture = decode(file)?;
    let (width, height) = (picture.width(), picture.height());
    let mut looks = Looks {
        thumbnail: None,
        width: Some(width.into()),
        height: Some(height.into()),
    };
    let small = if width > SIDE || height > SIDE {
        picture.thumbnail(SIDE, SIDE)
    } else {
        picture
    };
    let bytes = encode(&small);
    if let Some((kind, _)) = &bytes {
        looks.thumbnail = Some((*kind).to_owned());
    }
    Ok(Seen {
        looks,
        bytes: bytes.map(|(_, bytes)| bytes),
    })
}

/// The picture, the right way up.
pub(super) fn decode(file: std::fs::File) -> Result<DynamicImage, String> {
    let mut reader = ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    if !reader
        .format()
        .is_some_and(|format| known.contains(&format))
    {
        return Err("is no picture that can be read".to_owned());
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(format!("has {width} × {height} pixels, which is too many"));
    }
    let turned = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    if let Some(turned) = turned {
        picture.apply_orientation(turned);
    }
    Ok(picture)
}

fn encode(picture: &DynamicImage) -> Option<(&'static str, Vec<u8>)> {
    let mut bytes = Cursor::new(Vec::new());
    if picture.color().has_alpha() {
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        picture.to_rgba8().write_with_encoder(encoder).ok()?;
        return Some(("image/webp", bytes.into_inner()));
    }
    jpeg(picture, QUALITY).map(|bytes| ("image/jpeg", bytes))
}

/// The picture as a JPEG of 8 bits, on white where it was transparent.
pub(super) fn jpeg(picture: &DynamicImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let flat = if picture.color().has_alpha() {
        let mut flat = image::RgbImage::from_pixel(
            picture.width(),
            picture.height(),
            image::Rgb([255, 255, 255]),
        );
        for (under, over) in flat.pixels_mut().zip(picture.to_rgba8().pixels()) {
            let alpha = u16::from(over[3]);
            for channel in 0..3 {
                let mixed = (u16::from(over[channel]) * alpha + 255 * (255 - alpha)) / 255;
                under[channel] = u8::try_from(mixed).unwrap_or(255);
            }
        }
        flat
    } else {
        picture.to_rgb8()
    };
    flat.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))
        .ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    fn file(bytes: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("room for it");
        file.rewind().expect("a beginning");
        file
    }

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("a PNG");
        bytes.into_inner()
    }

    #[test]
    fn a_picture_becomes_small_and_keeps_its_form() {
        let seen = look(file(&png(&DynamicImage::new_rgb8(1_600, 800)))).expect("it is read");
        assert_eq!(
            (seen.looks.width, seen.looks.height),
            (Some(1_600), Some(800))
        );
        assert_eq!(seen.looks.thumbnail.as_deref(), Some("image/jpeg"));
        let small = decode(file(&seen.bytes.expect("a thumbnail"))).expect("it is a picture");
        assert_eq!((small.width(), small.height()), (320, 160));
        let clear = look(file(&png(&DynamicImage::new_rgba8(10, 10)))).expect("it is read");
        assert_eq!(clear.looks.thumbnail.as_deref(), Some("image/webp"));
    }

    #[test]
    fn a_bomb_and_a_broken_file_have_no_thumbnail() {
        // The header says 60,000 × 60,000; the file has 60 bytes.
        let mut bomb = png(&DynamicImage::new_rgb8(1, 1));
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        assert!(look(file(&bomb)).is_err(), "the bomb was unfolded");
        let whole = png(&DynamicImage::new_rgb8(64, 64));
        assert!(look(file(&whole[..40])).is_err(), "half a file was read");
        assert!(look(file(b"\x89PNG\r\n\x1a\nrest")).is_err());
        assert!(look(file(b"GIF89a")).is_err(), "another kind was read");
    }
}
