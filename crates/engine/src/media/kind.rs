//! What a file is, by its first bytes: names and declared types are only believed where bytes cannot tell (the
//! office formats). The table is Meta's ("business-phone-numbers/media").

use meta::limits;

/// What WhatsApp takes, for people.
pub const TAKEN: &str = "JPEG and PNG images up to 5 MB, MP4 and 3GP videos up to 16 MB, AAC, AMR, MP3, M4A and OGG (Opus) \
    audio up to 16 MB, WebP stickers up to 100 kB (animated 500 kB), and PDF, text, Word, Excel and PowerPoint documents up to 100 MB";

/// What a file is to WhatsApp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
    /// Its type.
    pub mime_type: &'static str,
    /// Bytes that it may have.
    pub max_bytes: u64,
}

const fn kind(kind: &'static str, mime_type: &'static str, max_bytes: u64) -> Kind {
    Kind {
        kind,
        mime_type,
        max_bytes,
    }
}

const OFFICE_XML: [(&str, &str); 3] = [
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];
const OFFICE_OLD: [(&str, &str); 3] = [
    ("doc", "application/msword"),
    ("xls", "application/vnd.ms-excel"),
    ("ppt", "application/vnd.ms-powerpoint"),
];

/// What a file is by its beginning; `None` when it is nothing that WhatsApp takes.
pub(super) fn of(head: &[u8], declared: &str, name: &str) -> Option<Kind> {
    let image = |mime| kind("image", mime, limits::IMAGE_MAX_BYTES);
    let video = |mime| kind("video", mime, limits::VIDEO_MAX_BYTES);
    let audio = |mime| kind("audio", mime, limits::AUDIO_MAX_BYTES);
    let document = |mime| kind("document", mime, limits::DOCUMENT_MAX_BYTES);
    let office = |table: [(&str, &'static str); 3]| {
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_lowercase());
        let (_, mime) = table
            .into_iter()
            .find(|(known, mime)| *mime == declared || ending.as_deref() == Some(*known))?;
        Some(document(mime))
    };
    Some(match head {
        [0xff, 0xd8, 0xff, ..] => image("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => image("image/png"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            rest @ ..,
        ] => {
            // The extended header's flags say whether it moves.
            let moves =
                rest.starts_with(b"VP8X") && rest.get(8).is_some_and(|flags| flags & 2 != 0);
            let limit = if moves {
                limits::STICKER_ANIMATED_MAX_BYTES
            } else {
                limits::STICKER_STATIC_MAX_BYTES
            };
            kind("sticker", "image/webp", limit)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
            [b'3', b'g', ..] => video("video/3gpp"),
            [b'M', b'4', b'A' | b'B', ..] => audio("audio/mp4"),
            _ if declared == "audio/mp4" => audio("audio/mp4"),
            brand if MP4_BRANDS.iter().any(|known| brand.starts_with(known)) => video("video/mp4"),
            // QuickTime's own, pictures of telephones (HEIC, AVIF): Meta takes none of them.
            _ => return None,
        },
        [b'O', b'g', b'g', b'S', rest @ ..] => {
            let opus = rest.windows(8).any(|window| window == b"OpusHead");
            return opus.then(|| audio("audio/ogg"));
        }
        [b'#', b'!', b'A', b'M', b'R', ..] => audio("audio/amr"),
        [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => audio("audio/aac"),
        [b'I', b'D', b'3', ..] | [0xff, 0xe2 | 0xe3 | 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => {
            audio("audio/mpeg")
        }
        [b'%', b'P', b'D', b'F', ..] => document("application/pdf"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return office(OFFICE_OLD),
        [b'P', b'K', 3, 4, ..] => return office(OFFICE_XML),
        _ if is_text(head) => document("text/plain"),
        _ => return None,
    })
}

/// Brands of the MP4 family (ISO/IEC 14496-12 and what cameras write) whose file is a video.
const MP4_BRANDS: [&[u8]; 9] = [
    b"isom", b"iso", b"mp41", b"mp42", b"avc1", b"M4V", b"MSNV", b"dash", b"mmp4",
];

fn is_text(head: &[u8]) -> bool {
    let letters = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The beginning may end in the middle of a letter.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let allowed = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    !letters.is_empty() && letters.chars().all(allowed)
}

/// Types that a browser may show by itself: they hold no scripts.
pub fn is_shown_inline(mime_type: &str) -> bool {
    matches!(
        mime_type,
        "image/jpeg"
            | "image/png"
            | "image/webp"
            | "video/mp4"
            | "video/3gpp"
            | "audio/aac"
            | "audio/amr"
            | "audio/mpeg"
            | "audio/mp4"
            | "audio/ogg"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let mime =
            |head: &[u8], declared, name| of(head, declared, name).map(|kind| kind.mime_type);
        assert_eq!(
            mime(b"\xff\xd8\xff\xe0JFIF", "text/html", "a.html"),
            Some("image/jpeg")
        );
        assert_eq!(mime(b"\0\0\0\x18ftypisom", "", "a.mp4"), Some("video/mp4"));
        assert_eq!(mime(b"\0\0\0\x18ftypM4A ", "", "a"), Some("audio/mp4"));
        assert_eq!(mime(b"\0\0\0\x14ftypqt  ", "video/mp4", "a.mp4"), None);
        assert_eq!(mime(b"OggS....OpusHead", "", "a.ogg"), Some("audio/ogg"));
        assert_eq!(mime(b"OggS....\x01vorbis", "audio/ogg", "a.ogg"), None);
        assert_eq!(mime(b"ID3\x04", "", "a"), Some("audio/mpeg"));
        assert_eq!(mime(b"\xff\xf1\x50", "", "a"), Some("audio/aac"));
        assert_eq!(
            mime(b"%PDF-1.7", "image/png", "a.png"),
            Some("application/pdf")
        );
        assert_eq!(
            mime(b"PK\x03\x04", "", "Precios.XLSX"),
            Some(OFFICE_XML[1].1)
        );
        assert_eq!(mime(b"PK\x03\x04", "application/zip", "a.zip"), None);
        assert_eq!(
            mime("precio: 3 €".as_bytes(), "", "a.txt"),
            Some("text/plain")
        );
        assert_eq!(mime(b"MZ\x90\0\x03", "image/png", "a.png"), None);
        assert_eq!(mime(b"", "text/plain", "a.txt"), None);
    }

    #[test]
    fn a_sticker_that_moves_may_be_larger() {
        let still = of(b"RIFF\0\0\0\0WEBPVP8 ", "", "").map(|kind| kind.max_bytes);
        let moving = of(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02", "", "").map(|kind| kind.max_bytes);
        assert_eq!(still, Some(limits::STICKER_STATIC_MAX_BYTES));
        assert_eq!(moving, Some(limits::STICKER_ANIMATED_MAX_BYTES));
    }
}
