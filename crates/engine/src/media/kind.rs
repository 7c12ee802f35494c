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

/// The kind of an office document, by the usual ending of its name.
pub(super) fn office(ending: &str) -> Option<Kind> {
    let mut all = OFFICE_XML.into_iter().chain(OFFICE_OLD);
    let (_, mime) = all.find(|(known, _)| *known == ending)?;
    Some(kind("document", mime, limits::DOCUMENT_MAX_BYTES))
}

/// Whether it is an office document in a zip.
pub(super) fn is_new_office(kind: Kind) -> bool {
    OFFICE_XML.iter().any(|(_, mime)| *mime == kind.mime_type)
}

/// Whether it is an office document in a compound file.
pub(super) fn is_old_office(kind: Kind) -> bool {
    OFFICE_OLD.iter().any(|(_, mime)| *mime == kind.mime_type)
}

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
        // It runs in whatever opens it: no plain text.
        _ if is_page(head) => return None,
        _ if is_text(head) => document("text/plain"),
        _ => return None,
    })
}

/// Why a file is not taken, for a person who thinks that it is a picture or a video.
pub(super) fn why_not(head: &[u8]) -> String {
    let brand = head.get(8..12).unwrap_or_default();
    let known = match head {
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
            if [&b"heic"[..], b"heix", b"hevc", b"mif1", b"msf1", b"heim"].contains(&brand) =>
        {
            "is a HEIC picture, which WhatsApp does not take; save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if brand == b"avif" || brand == b"avis" => {
            "is an AVIF picture, which WhatsApp does not take; save it as JPEG or PNG"
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if brand == b"qt  " => {
            "is a QuickTime video (MOV), which WhatsApp does not take; save it as MP4 with H.264 and AAC"
        }
        [b'G', b'I', b'F', b'8', ..] => {
            "is a GIF, which WhatsApp does not take; send it as an MP4 video or as a PNG picture"
        }
        [b'B', b'M', ..] | [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => {
            "is a picture of a kind that WhatsApp does not take; save it as JPEG or PNG"
        }
        [b'O', b'g', b'g', b'S', ..] => {
            "is Ogg sound of another coding than Opus, the only one that WhatsApp takes in Ogg"
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] => {
            "is a WebM or Matroska video, which WhatsApp does not take; save it as MP4 with H.264 and AAC"
        }
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
            b'A',
            b'V',
            b'E',
            ..,
        ] => "is WAV sound, which WhatsApp does not take; save it as MP3, M4A or Ogg (Opus)",
        _ if is_page(head) => {
            "is a web page or an SVG drawing, which WhatsApp does not take; save it as PDF, or the drawing as PNG"
        }
        _ => return format!("is nothing that WhatsApp takes: {TAKEN}"),
    };
    known.to_owned()
}

/// Endings of names, with the types that they promise.
const ENDINGS: [(&str, &str); 20] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("mp4", "video/mp4"),
    ("3gp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("heic", "image/heic"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("xhtml", "application/xhtml+xml"),
    ("svg", "image/svg+xml"),
];

/// The ending of a name for a type; `bin` where there is no usual one.
pub fn ending(mime_type: &str) -> &'static str {
    let usual = ENDINGS.iter().find(|(_, known)| *known == mime_type);
    let office = OFFICE_XML.iter().chain(&OFFICE_OLD);
    let office = office.into_iter().find(|(_, known)| *known == mime_type);
    usual.or(office).map_or("bin", |(ending, _)| ending)
}

/// The name with an ending that says what the file is, where it has one that says something else: a PNG called
/// `.jpg` is a PNG, and phones go by the ending.
pub(super) fn named(name: &str, mime_type: &str) -> String {
    let Some((stem, given)) = name.rsplit_once('.') else {
        return name.to_owned();
    };
    let mut all = ENDINGS.iter().chain(&OFFICE_XML).chain(&OFFICE_OLD);
    let promised = all.find(|(known, _)| given.eq_ignore_ascii_case(known));
    match promised {
        Some((_, promised)) if *promised != mime_type => {
            format!("{stem}.{}", ending(mime_type))
        }
        _ => name.to_owned(),
    }
}

/// Brands of the MP4 family (ISO/IEC 14496-12 and what cameras write) whose file is a video.
const MP4_BRANDS: [&[u8]; 9] = [
    b"isom", b"iso", b"mp41", b"mp42", b"avc1", b"M4V", b"MSNV", b"dash", b"mmp4",
];

/// How pages and drawings begin that browsers run (the sniffing of HTML in the WHATWG's MIME standard, and SVG).
const PAGES: [&str; 19] = [
    "!doctype html",
    "html",
    "head",
    "script",
    "iframe",
    "h1",
    "div",
    "font",
    "table",
    "a",
    "style",
    "title",
    "b",
    "body",
    "br",
    "p",
    "!--",
    "svg",
    "!doctype svg",
];

/// Whether it begins as a web page or an SVG drawing does, behind blanks and an XML declaration.
fn is_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_lowercase();
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(declared) = rest.strip_prefix("<?xml") {
        let Some((_, after)) = declared.split_once("?>") else {
            return false;
        };
        rest = after.trim_start();
        // Remarks may stand before the drawing.
        while let Some((_, after)) = rest
            .strip_prefix("<!--")
            .and_then(|rest| rest.split_once("-->"))
        {
            rest = after.trim_start();
        }
    }
    let Some(tag) = rest.strip_prefix('<') else {
        return false;
    };
    PAGES.iter().any(|page| {
        tag.strip_prefix(page).is_some_and(|after| {
            *page == "!--"
                || after
                    .starts_with(|next: char| next == '>' || next == '/' || next.is_whitespace())
        })
    })
}

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
    fn what_a_browser_would_run_is_no_text() {
        for page in [
            "<!DOCTYPE html><p>Hola",
            "\u{feff} \n<HTML lang=es>",
            "<script>alert(1)</script>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<?xml version=\"1.0\"?>\n<!-- a --><svg onload=x>",
            "<!-- x --><script>",
        ] {
            assert_eq!(of(page.as_bytes(), "text/plain", "a.txt"), None, "{page}");
            assert!(why_not(page.as_bytes()).contains("web page"), "{page}");
        }
        for text in [
            "precio < 3 €",
            "<3",
            "<pedido id=1>",
            "<?xml version=\"1.0\"?><pedido/>",
        ] {
            assert!(of(text.as_bytes(), "", "a.txt").is_some(), "{text}");
        }
    }

    #[test]
    fn a_name_ends_as_its_file_is() {
        assert_eq!(named("pan.jpg", "image/png"), "pan.png");
        assert_eq!(named("pan.jpeg", "image/jpeg"), "pan.jpeg");
        assert_eq!(named("pan", "image/png"), "pan");
        assert_eq!(named("v1.2", "image/png"), "v1.2");
        assert_eq!(named("lista.csv", "text/plain"), "lista.csv");
        assert_eq!(named("x.png", "text/plain"), "x.txt");
        assert_eq!(named("x.html", "text/plain"), "x.txt");
        assert_eq!(named("oferta.docx", "application/pdf"), "oferta.pdf");
    }

    #[test]
    fn people_are_told_what_to_do_with_a_file_of_their_phone() {
        assert!(why_not(b"\0\0\0\x18ftypheic").contains("save it as JPEG"));
        assert!(why_not(b"\0\0\0\x14ftypqt  ").contains("MP4"));
        assert!(why_not(b"MZ").contains(TAKEN));
    }

    #[test]
    fn a_sticker_that_moves_may_be_larger() {
        let still = of(b"RIFF\0\0\0\0WEBPVP8 ", "", "").map(|kind| kind.max_bytes);
        let moving = of(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02", "", "").map(|kind| kind.max_bytes);
        assert_eq!(still, Some(limits::STICKER_STATIC_MAX_BYTES));
        assert_eq!(moving, Some(limits::STICKER_ANIMATED_MAX_BYTES));
    }
}
