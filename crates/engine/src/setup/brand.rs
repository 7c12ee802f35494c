//! What a page may wear: a colour on which white can be read, a small picture, and an address to go back to.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, ImageReader, Limits};

use super::Mistake;

/// Bytes of a logo as it is sent. It is drawn again, so that nothing but a picture is kept.
const LOGO_MAX: usize = 150 * 1024;
/// Its sides afterwards, in pixels.
const LOGO_SIDES: (u32, u32) = (480, 160);
/// Contrast with white that small text needs (WCAG 2.2, 1.4.3).
const CONTRAST: f64 = 4.5;
/// Characters of an address to go back to.
const URL_MAX: usize = 1_000;

/// A colour `#rrggbb` on which white text can be read.
pub(super) fn colour(text: &str) -> Result<String, Mistake> {
    let wrong = || Mistake::new("colour", "must be a colour such as #0b6e4f");
    let digits = text.trim().strip_prefix('#').ok_or_else(wrong)?;
    let bytes: [u8; 3] = hex::decode(digits)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(wrong)?;
    let contrast = contrast_with_white(bytes);
    if contrast < CONTRAST {
        let problem = format!(
            "is too light for white text: the contrast is {contrast:.1}, and must be {CONTRAST} at least"
        );
        return Err(Mistake::new("colour", problem));
    }
    Ok(format!("#{}", hex::encode(bytes)))
}

/// The contrast of a colour with white, 1 to 21 (WCAG 2.2, "relative luminance").
fn contrast_with_white(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/// A picture in base64, drawn again as a small PNG.
pub(super) fn logo(text: &str) -> Result<Vec<u8>, Mistake> {
    let wrong = |problem: &str| Mistake::new("logo", problem);
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| wrong("must be a picture in base64"))?;
    if bytes.len() > LOGO_MAX {
        return Err(wrong("must have 150 kB at the most"));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| wrong("cannot be read"))?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    if !reader
        .format()
        .is_some_and(|format| known.contains(&format))
    {
        return Err(wrong("must be a PNG, JPEG or WebP"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(4_000);
    limits.max_image_height = Some(4_000);
    limits.max_alloc = Some(64 << 20);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|_| wrong("cannot be read, or is larger than 4,000 pixels"))?;
    let (width, height) = LOGO_SIDES;
    let picture = if picture.width() > width || picture.height() > height {
        picture.thumbnail(width, height)
    } else {
        picture
    };
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| wrong("cannot be drawn"))?;
    Ok(png.into_inner())
}

/// An address to go back to: https alone, so that no script and no other program is started by it.
pub(super) fn return_url(text: &str) -> Result<String, Mistake> {
    let wrong = || {
        Mistake::new(
            "return_url",
            "must be an address that begins with https://, without a password in it",
        )
    };
    let text = text.trim();
    let rest = text.strip_prefix("https://").ok_or_else(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let is_host = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let is_port = host
        .split_once(':')
        .is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'));
    if is_host && is_port && is_plain && text.len() <= URL_MAX {
        Ok(text.to_owned())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_must_carry_white_text() {
        assert_eq!(colour("#0B6E4F"), Ok("#0b6e4f".to_owned()));
        assert_eq!(colour("#000000"), Ok("#000000".to_owned()));
        for light in ["#ffffff", "#ffd500", "#25d366"] {
            let mistake = colour(light).unwrap_err();
            assert!(
                mistake.problem.contains("too light"),
                "{light}: {mistake:?}"
            );
        }
        for wrong in [
            "red",
            "#12345",
            "#12345g",
            "",
            "#000000;background:url(//x)",
        ] {
            assert!(colour(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_way_back_is_https_and_nothing_else() {
        for right in [
            "https://app.example.com/done?x=1#y",
            "https://localhost:8443",
        ] {
            assert_eq!(return_url(right).as_deref(), Ok(right));
        }
        for wrong in [
            "http://app.example.com",
            "javascript:alert(1)",
            "https://",
            "https:///done",
            "https://me:secret@example.com",
            "https://example.com@evil.example",
            "https://example.com\\@evil.example",
            "https://example.com/\"onload=",
            "//example.com",
            "myapp://done",
        ] {
            assert!(return_url(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_logo_is_drawn_again_and_what_is_no_picture_is_refused() {
        let mut png = Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(1_000, 500)
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        let small = logo(&STANDARD.encode(png.into_inner())).unwrap();
        let small = image::load_from_memory(&small).unwrap();
        assert_eq!((small.width(), small.height()), (320, 160));
        let svg = STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
        assert!(logo(&svg).is_err());
        assert!(logo(&STANDARD.encode(vec![0; LOGO_MAX + 1])).is_err());
        assert!(logo("not base64!").is_err());
    }
}
